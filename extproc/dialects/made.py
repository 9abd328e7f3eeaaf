"""Ids in answers by which later requests ask for what was made.

https://platform.openai.com/docs/api-reference/responses/object and .../batch/object;
https://platform.claude.com/docs/en/api/creating-message-batches
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from extproc.core.models import Dialect
from extproc.dialects.table import ENDPOINTS

__all__ = ["MADE_PATHS", "is_asked_for_again"]

MADE_PATHS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "id": ("id", "response.id", "message.id"),
        "output_file": ("output_file_id",),
        "error_file": ("error_file_id",),
    }
)
"""Where answers, and events of streams, tell ids: names of members with dots between."""

_NOT_KEPT: Final = frozenset({Dialect.CHAT})
"""Of these dialects' endpoints, nobody goes on from answers."""


def is_asked_for_again(path: str) -> bool:
    """Whether what was made at a client's path (without query) may be asked for by its id."""
    return ENDPOINTS.get(path) not in _NOT_KEPT
