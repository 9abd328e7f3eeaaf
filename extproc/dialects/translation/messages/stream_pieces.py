"""Bytes of events in Anthropic's dialect, ready but for what changes from event to event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.events import PartKind

__all__ = ["BLOCK_STOP", "DELTA_END", "DELTA_STARTS", "MESSAGE_STOP", "event_bytes"]

_DELTA = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
_TEXT = _DELTA + b'{"type":"text_delta","text":'
DELTA_STARTS: Mapping[PartKind, bytes] = {
    PartKind.TEXT: _TEXT,
    PartKind.REFUSAL: _TEXT,
    PartKind.REASONING: _DELTA + b'{"type":"thinking_delta","thinking":',
    PartKind.TOOL: _DELTA + b'{"type":"input_json_delta","partial_json":',
}
DELTA_END = b"}}\n\n"
BLOCK_STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n'
MESSAGE_STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


def event_bytes(data: Mapping[str, Any]) -> bytes:
    """An event, named twice: Anthropic's SDK reads the name on its ``event:`` line."""
    return b"event: %b\ndata: %b\n\n" % (data["type"].encode(), json_bytes(data))
