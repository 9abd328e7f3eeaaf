"""The dialects that are spoken, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from extproc.core.models import Dialect
from extproc.dialects.chat import CHAT
from extproc.dialects.dialect import DialectSpec
from extproc.dialects.messages import MESSAGES
from extproc.dialects.responses import RESPONSES

__all__ = ["DEFAULT_DIALECT", "DIALECTS", "ENDPOINTS"]

DIALECTS: Mapping[Dialect, DialectSpec] = MappingProxyType(
    {
        Dialect.CHAT: CHAT,
        Dialect.MESSAGES: MESSAGES,
        Dialect.RESPONSES: RESPONSES,
    }
)

DEFAULT_DIALECT = Dialect.CHAT
"""In which errors are worded where it is not known what the client speaks."""

ENDPOINTS: Mapping[str, Dialect] = MappingProxyType(
    {path: dialect for dialect, row in DIALECTS.items() for path in (row.endpoint, row.path_ending)}
)
"""The paths that clients post to, and the dialect that each speaks. A client whose base URL lacks
``/v1`` posts to what is left of an endpoint without it."""
