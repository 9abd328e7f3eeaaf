"""What workers and the observer tell each other, over a Unix socket.

Workers tell decisions and pins; the observer tells them what is known of the models, the pins of
the other workers, and who has made what. Nothing on a request's path waits for it.
"""
