"""The dialects that requests are translated between: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from extproc.core.models import Dialect
from extproc.dialects.translation import chat, messages, responses
from extproc.dialects.translation.translator import Translator

__all__ = ["TRANSLATORS"]

TRANSLATORS: Mapping[Dialect, Translator] = MappingProxyType(
    {row.dialect: row for row in (chat.TRANSLATOR, messages.TRANSLATOR, responses.TRANSLATOR)}
)
