"""From one dialect to another: requests, answers, streams and errors.

Every dialect is read into one form in the middle (``form``, ``events``) and written from it, so
that a new dialect is one package and one row (``table``) instead of a translator per pair. All of
it is pure: no connection, no clock.
"""
