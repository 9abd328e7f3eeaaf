"""The dialects that requests are translated between: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from extproc.core.models import Dialect
from extproc.dialects.translation.chat import TRANSLATOR as CHAT
from extproc.dialects.translation.messages import TRANSLATOR as MESSAGES
from extproc.dialects.translation.responses import TRANSLATOR as RESPONSES
from extproc.dialects.translation.translator import Translator

__all__ = ["TRANSLATORS"]

TRANSLATORS: Mapping[Dialect, Translator] = MappingProxyType(
    {row.dialect: row for row in (CHAT, MESSAGES, RESPONSES)}
)
