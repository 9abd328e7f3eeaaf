"""The errors of bodies that are not as their API has them."""

from __future__ import annotations

from extproc.core.faults import Fault
from extproc.errors import ClientError

__all__ = ["invalid", "missing", "no_object"]


def no_object() -> ClientError:
    """The 400 for a body that is JSON, but no object."""
    return ClientError(400, "The body must be a JSON object.", reason=Fault.NO_OBJECT)


def missing(name: str) -> ClientError:
    """The 400 for a member that has to be there."""
    message = f"Missing required parameter: '{name}'."
    return ClientError(400, message, param=name, reason=Fault.MISSING_PARAMETER)


def invalid(place: str, what: str) -> ClientError:
    """The 400 for a member: ``what`` completes "'place' …"."""
    return ClientError(400, f"'{place}' {what}.", param=place, reason=Fault.INVALID_PARAMETER)
