"""Errors of more than one room."""

__all__ = ["StartError"]


class StartError(Exception):
    """Something could not be started; the message says why and what to do."""
