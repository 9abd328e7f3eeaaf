"""Errors in the words of the dialect that the client speaks."""

from __future__ import annotations

from extproc.core.models import Dialect
from extproc.dialects.table import DIALECTS
from extproc.errors import ClientError

__all__ = ["error_body"]


def error_body(dialect: Dialect, error: ClientError) -> bytes:
    """The JSON body of an error, as the dialect's own SDK expects it."""
    return DIALECTS[dialect].errors.body(error)
