"""Breakpoints of the prompt cache, put where no client put any: byte by byte, all else stays.

A breakpoint says that what stands before it is worth keeping. Anthropic's models read tools, then
the system prompt, then the conversation, so there is one at the end of each of these. A further one
is where the request before ended, for a cache is looked for at most 20 blocks before a breakpoint,
and a turn of an agent's may have more.

https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching says which blocks may bear one;
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/tool-search-tool that no tool may whose
definition is loaded later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import msgspec

from extproc.dialects.body import Buffer, elements_of, members_of
from extproc.dialects.outline import Member
from extproc.dialects.translation.losses import Loss

__all__ = ["MARKED", "has_own_marks", "marked"]

MARKED: Final = Loss("added:cache_control", "", reason="the configuration asks for it")
"""What is told of a body that was marked."""

_OWN: Final = tuple(
    (name, re.compile(name + rb"[ \t\r\n]*+:"))
    for name in (b'"cache_control"', b'"prompt_cache_breakpoint"')
)
"""Members that mark, each with the pattern that tells it from a string of that name."""
_MARK: Final = b'"cache_control":{"type":"ephemeral"}'
_TURNS: Final = 2
_BEARING: Final = frozenset(
    {"text", "image", "document", "search_result", "tool_use", "tool_result"}
)
_NO_TOOL: Final = "mcp_toolset"
"""What stands for many tools, which may be loaded later."""

_Insertion: TypeAlias = tuple[int, bytes]
_Span: TypeAlias = tuple[int, int]


class _Block(msgspec.Struct):
    type: str
    text: str = ""

    @property
    def bears(self) -> bool:
        return self.type in _BEARING and (self.type != "text" or bool(self.text.strip()))


class _Tool(msgspec.Struct):
    type: str | None = None
    defer_loading: bool | None = None

    @property
    def bears(self) -> bool:
        return not self.defer_loading and self.type != _NO_TOOL


_BLOCK: Final = msgspec.json.Decoder(_Block)
_TOOL: Final = msgspec.json.Decoder(_Tool)
_STRING: Final = msgspec.json.Decoder(str)


def has_own_marks(raw: bytes) -> bool:
    """Whether a body of any dialect says itself what is worth keeping; not so what is quoted in a
    string, where quotes are escaped."""
    return any(name in raw and bool(member.search(raw)) for name, member in _OWN)


def marked(raw: bytes, members: Sequence[Member] | None = None) -> tuple[Buffer, ...]:
    """A body with breakpoints, in pieces; a single one where nothing can bear any.

    Args:
        raw: a JSON object in UTF-8, a request in Anthropic's dialect without breakpoints. What is
            malformed in it stays as it is: the provider judges it.
        members: its members, if they are known.
    """
    insertions = sorted(_insertions(raw, members_of(raw) if members is None else members))
    view, position = memoryview(raw), 0
    pieces: list[Buffer] = []
    for place, inserted in insertions:
        pieces += (view[position:place], inserted)
        position = place
    return (*pieces, view[position:]) if pieces else (raw,)


def _insertions(raw: bytes, members: Sequence[Member]) -> Iterator[_Insertion]:
    spans = {each.name: (each.value_start, each.end) for each in members}
    if len(spans) < len(members):  # providers disagree on which of two counts
        return
    for name, marks in _PLACES.items():
        if name in spans:
            yield from marks(raw, spans[name])


def _behind_last_tool(raw: bytes, tools: _Span) -> Iterator[_Insertion]:
    for start, end in reversed(_elements(raw, tools)):
        if _bears(_TOOL, raw[start:end]):
            yield _within(end)
            return


def _behind_content(raw: bytes, content: _Span) -> Iterator[_Insertion]:
    """Behind the last block that can bear a mark; a string becomes a block."""
    start, end = content
    if raw.startswith(b'"', start):
        if _STRING.decode(raw[start:end]).strip():
            yield start, b'[{"type":"text","text":'
            yield end, b",%b}]" % _MARK
        return
    for begin, finish in reversed(_elements(raw, content)):
        if _bears(_BLOCK, raw[begin:finish]):
            yield _within(finish)
            return


def _behind_last_turns(raw: bytes, messages: _Span) -> Iterator[_Insertion]:
    """Behind what the user said last, and behind that which the model has answered last."""
    wanted, left = True, _TURNS
    for start, end in reversed(_elements(raw, messages)):
        message = raw[start:end]
        if not message.startswith(b"{"):
            return
        spans = {each.name: (each.value_start, each.end) for each in members_of(message)}
        role = _value(message, spans.get(b'"role"'))
        if role == b'"assistant"':
            wanted = True
        elif role == b'"user"' and wanted and b'"content"' in spans:
            wanted, left = False, left - 1
            for place, inserted in _behind_content(message, spans[b'"content"']):
                yield start + place, inserted
        if not left:
            return


_PLACES: Final = {
    b'"tools"': _behind_last_tool,
    b'"system"': _behind_content,
    b'"messages"': _behind_last_turns,
}


def _value(raw: bytes, span: _Span | None) -> bytes:
    return b"" if span is None else raw[span[0] : span[1]].strip()


def _elements(raw: bytes, span: _Span) -> Sequence[_Span]:
    start, end = span
    return elements_of(raw, start, end) if raw.startswith(b"[", start) else ()


def _within(end: int) -> _Insertion:
    """The mark as the last member of an object that ends here and is not empty."""
    return end - 1, b"," + _MARK


def _bears(decoder: msgspec.json.Decoder[_Block] | msgspec.json.Decoder[_Tool], raw: bytes) -> bool:
    try:
        return raw != b"{}" and decoder.decode(raw).bears
    except (msgspec.DecodeError, RecursionError):
        return False
