"""What workers and the observer tell each other, over a Unix socket, in lines of JSON.

Workers tell decisions and pins; the observer tells them what is known of the models, and the pins
of the other workers. Nothing on a request's path waits for it.
"""
