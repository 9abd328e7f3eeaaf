"""What is text in a request's body: what people, programs and models say, wherever it stands.

No two dialects use one name for different things, so one walk goes through the bodies of all of
them, and of those of legacy completions and embeddings. It passes over what is none, by name: so a
member that an API gets tomorrow is text until it is named here, which is the safe side for whoever
looks for what may not be told.

Names of members, ids, models, media and addresses of media are no text, nor is what a provider has
signed (``thinking``) or encrypted: a change would break it. Of definitions of tools, and of forms
that an answer must have, only descriptions are.

Shapes: https://platform.openai.com/docs/api-reference/chat/create,
https://docs.anthropic.com/en/api/messages,
https://platform.openai.com/docs/api-reference/responses/create.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final

import msgspec
import orjson

from extproc.core.faults import Fault
from extproc.dialects.body import Edited, edited, members_of
from extproc.dialects.outline import Member
from extproc.errors import ClientError

__all__ = ["JSON_TEXTS", "UNTOUCHED", "Change", "changed_body", "changed_json"]

Change = Callable[[str], str]

UNTOUCHED: Final = frozenset({"encrypted_content", "redacted", "signature", "thinking"})
"""What only its provider may write."""

JSON_TEXTS: Final = frozenset({"arguments", "partial_json"})
"""Strings that hold JSON, or in a stream pieces of it."""

_NO_TEXTS: Final = UNTOUCHED | {
    "audio",
    "cache_control",
    "call_id",
    "container",
    "content_type",
    "conversation",
    "data",
    "detail",
    "effort",
    "file_data",
    "file_id",
    "file_url",
    "id",
    "image_url",
    "include",
    "input_audio",
    "item_id",
    "media_type",
    "mime_type",
    "model",
    "name",
    "previous_message_id",
    "previous_response_id",
    "prompt_cache_key",
    "role",
    "service_tier",
    "status",
    "tool_call_id",
    "tool_choice",
    "tool_use_id",
    "type",
    "url",
}
_SCHEMAS: Final = frozenset({"format", "functions", "output_config", "response_format", "tools"})
_OBJECTS: Final = frozenset({"input", "metadata", "variables"})
"""Where these are objects, their members have the client's own names."""
_DEEPEST: Final = 256
_DECODER: Final = msgspec.json.Decoder()
"""It keeps integers of any size, which orjson makes floats of."""
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


class _Within(Enum):
    """What is gone through: an API's objects, objects of the client's own, or definitions."""

    API = auto()
    OWN = auto()
    DEFINITIONS = auto()


def changed_body(
    raw: bytes, change: Change, members: Sequence[Member] | None = None
) -> Edited | None:
    """A body with other texts, byte for byte as it was where no text changes and no object within
    has a member twice. Of such a member only the last value stays, which is the one that is told.

    Args:
        raw: a JSON object in UTF-8 that has been parsed successfully.
        change: says what a text becomes; called in the order of the texts.
        members: those of the body, if they are known.

    Returns:
        None if nothing changes.

    Raises:
        ClientError: it is nested too deeply, or what must change stands more than once (400).
    """
    members = members_of(raw) if members is None else members
    changes: dict[str, bytes | None] = {}
    for member in members:
        name = orjson.loads(member.name)
        within = _within(name, _Within.API)
        if within is None:
            continue
        value = raw[member.value_start : member.end]
        new = _changed_value(value, name, within, change)
        if new is not None:
            changes[name] = new
    return edited(raw, changes, members) if changes else None


def _changed_value(raw: bytes, name: str, within: _Within, change: Change) -> bytes | None:
    """What a member's value becomes, None if it stays: of a list, only what changes is written
    anew."""
    if raw[:1] not in (b"[", b"{", b'"'):
        return None
    if raw[:1] != b"[":
        return _changed_item(raw, name, within, change)
    items: list[memoryview | bytes] = []
    touched = False
    for item in msgspec.json.decode(raw, type=list[msgspec.Raw]):
        new = _changed_item(bytes(item), name, within, change)
        touched = touched or new is not None
        items.append(memoryview(item) if new is None else new)
    return b"[%b]" % b",".join(items) if touched else None


def _changed_item(raw: bytes, name: str, within: _Within, change: Change) -> bytes | None:
    try:
        value = _DECODER.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    new = _changed(value, name, within, change, _DEEPEST)
    return None if new is value and not _repeats(raw, value) else msgspec.json.encode(new)


def _repeats(raw: bytes, value: Any) -> bool:
    """Whether an object has a member twice: the decoder tells the last one, and what stands in the
    one before would pass unseen. Colons outside of strings are as many as members."""
    if isinstance(value, str):
        return False
    names, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            names += len(each)
            left += each.values()
        elif isinstance(each, list):
            left += each
    return _STRING.sub(b"", raw).count(b":") != names


def _too_deep() -> ClientError:
    message = f"The body is nested more than {_DEEPEST} levels deep."
    return ClientError(400, message, reason=Fault.TOO_DEEP)


def _within(name: str, within: _Within) -> _Within | None:
    """Where a member leads; None: no text is there."""
    if within is not _Within.API:
        return within
    if name in _SCHEMAS:
        return _Within.DEFINITIONS
    return None if name in _NO_TEXTS else within


def _changed(value: Any, name: str, within: _Within, change: Change, depth: int) -> Any:
    """The value, itself if nothing in it changes; ``name`` is that of the member that it is in."""
    if isinstance(value, str):
        if within is _Within.DEFINITIONS and name != "description":
            return value
        if within is _Within.API and name in JSON_TEXTS:
            return changed_json(value, change)
        new = change(value)
        return value if new == value else new
    if not isinstance(value, dict | list):
        return value
    if not depth:
        raise _too_deep()
    if isinstance(value, list):
        items = [_changed(item, name, within, change, depth - 1) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items
    if name in _OBJECTS and within is _Within.API:
        within = _Within.OWN
    return _changed_members(value, within, change, depth - 1)


def _changed_members(
    value: Mapping[str, Any], within: _Within, change: Change, depth: int
) -> Mapping[str, Any]:
    changes: dict[str, Any] = {}
    for name, old in value.items():
        inner = _within(name, within)
        if name == "data" and value.get("type") == "text":  # a document that is plain text
            inner = within
        if inner is None:
            continue
        new = _changed(old, name, inner, change, depth)
        if new is not old:
            changes[name] = new
    return {**value, **changes} if changes else value


def changed_json(text: str, change: Change) -> str:
    """A text that holds JSON, with its strings changed; one that holds none is changed as it is."""
    try:
        value = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return change(text)
    if not isinstance(value, dict | list):
        return change(text)
    new = _changed(value, "", _Within.OWN, change, _DEEPEST)
    same = new is value and not _repeats(text.encode(), value)
    return text if same else msgspec.json.encode(new).decode()
