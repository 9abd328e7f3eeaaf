"""What a request requires of a model, read from its body in one pass.

Where things stand in a body differs per dialect, but no two dialects use one name for different
things: one walk over turns and parts reads them all. Wrong types are no concern here: what cannot
be understood requires nothing.

Shapes: https://platform.openai.com/docs/api-reference/chat/create,
https://docs.anthropic.com/en/api/messages,
https://platform.openai.com/docs/api-reference/responses/create.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from extproc.core.models import Dialect
from extproc.core.requirements import Requirements
from extproc.dialects.abridging import original_length
from extproc.dialects.arrived import arrived_turns
from extproc.dialects.body import elements_of, members_of
from extproc.dialects.request import ClientRequest

__all__ = ["RequirementsOf", "prefix_tokens", "requirements_of"]

_BYTES_PER_TOKEN: Final = 4
"""English text has about so many, JSON around it included."""

_IMAGE_TOKENS: Final = 1_600
"""What an image counts, whatever its size: the most that Anthropic's models see of one at their
common resolution (https://platform.claude.com/docs/en/build-with-claude/vision); OpenAI's charge
from 85 to about 1,500 (https://developers.openai.com/api/docs/guides/images-vision)."""

_DOCUMENT_TOKENS: Final = 3_000
"""What a document counts, whose pages are not: the most that Anthropic counts for one page of a PDF
(https://platform.claude.com/docs/en/build-with-claude/pdf-support)."""

_NO_REASONING: Final = frozenset({"none", "disabled"})


def _member(value: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _chat_image(part: Mapping[str, Any]) -> Any:
    image = part.get("image_url")
    return image.get("url") if isinstance(image, dict) else image


def _source(part: Mapping[str, Any]) -> Any:
    return _member(part, "source", "data")


_IMAGES: Final[Mapping[object, Callable[[Mapping[str, Any]], Any]]] = {
    "image_url": _chat_image,
    "input_image": _chat_image,
    "image": _source,
    "computer_screenshot": _chat_image,
}
_DOCUMENTS: Final[Mapping[object, Callable[[Mapping[str, Any]], Any]]] = {
    "file": lambda part: _member(part, "file", "file_data"),
    "input_file": lambda part: part.get("file_data"),
    "document": _source,
}
"""Types of parts, and where the bytes of each are if it carries them."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a dialect has what.

    ``turns`` is the list of them, ``contents`` where one of them has parts: what was said, or what
    a function or a computer gave. ``output_bounds`` are the members that bound the answer,
    ``reasoning`` the paths of those that ask for reasoning.
    """

    turns: str
    contents: tuple[str, ...]
    output_bounds: tuple[str, ...]
    reasoning: tuple[tuple[str, ...], ...]


_PLACES: Final[Mapping[Dialect, _Places]] = {
    Dialect.CHAT: _Places(
        turns="messages",
        contents=("content",),
        output_bounds=("max_completion_tokens", "max_tokens"),
        reasoning=(("reasoning_effort",),),
    ),
    Dialect.MESSAGES: _Places(
        turns="messages",
        contents=("content",),
        output_bounds=("max_tokens",),
        reasoning=(("output_config", "effort"), ("thinking", "type")),
    ),
    Dialect.RESPONSES: _Places(
        turns="input",
        contents=("content", "output"),
        output_bounds=("max_output_tokens",),
        reasoning=(("reasoning", "effort"),),
    ),
}


class _Parts:
    """Counts what is no text among the parts of a conversation."""

    __slots__ = ("_abridged", "documents", "images", "inline")

    def __init__(self, *, abridged: bool) -> None:
        self._abridged = abridged
        self.images = 0
        self.documents = 0
        self.inline = 0
        """Bytes of the body that are an image or a document, and no text."""

    def see(self, parts: list[Any], *, nested: bool = False) -> None:
        """Look through content.

        Args:
            parts: the content.
            nested: whether it is that of a tool's result already, which holds no further one.
        """
        for part in parts:
            if not isinstance(part, dict):
                continue
            kind = part.get("type")
            if kind == "text" or not isinstance(kind, str):
                continue
            if kind in _IMAGES:
                self.images += 1
                self._count(_IMAGES[kind](part))
            elif kind in _DOCUMENTS:
                self._document(part, kind)
            elif kind == "tool_result" and not nested and isinstance(part.get("content"), list):
                self.see(part["content"], nested=True)

    def _document(self, part: Mapping[str, Any], kind: str) -> None:
        if kind == "document" and _member(part, "source", "type") == "text":
            return
        self.documents += 1
        self._count(_DOCUMENTS[kind](part))

    def _count(self, data: Any) -> None:
        if isinstance(data, str):
            self.inline += original_length(data) if self._abridged else len(data)


def requirements_of(request: ClientRequest) -> Requirements:
    """What the request requires.

    Its size is that of its body but for images and documents, which count a fixed number each:
    system prompt, definitions of tools and results of tools are all input.
    """
    places, document = _PLACES[request.dialect], request.document
    parts = _Parts(abridged=request.large)
    turns = document.get(places.turns)
    if isinstance(turns, list):
        _see_turns(turns, places, parts)
    tools = bool(document.get("tools") or document.get("functions"))
    return Requirements(
        input_tokens=_tokens(len(request.raw), parts),
        output_tokens=_output_bound(document, places),
        images=parts.images > 0,
        documents=parts.documents > 0,
        tools=tools,
        tool_reasoning=tools and _reasons(document, places),
    )


def _see_turns(turns: Iterable[Any], places: _Places, parts: _Parts) -> None:
    for turn in turns:
        for name in places.contents:
            content = turn.get(name)
            if isinstance(content, list):
                parts.see(content)
            elif isinstance(content, dict):
                parts.see([content])


def _tokens(size: int, parts: _Parts) -> int:
    """About how many tokens so many bytes of JSON are, of which some are those of parts."""
    text = max(0, size - parts.inline) // _BYTES_PER_TOKEN
    return text + parts.images * _IMAGE_TOKENS + parts.documents * _DOCUMENT_TOKENS


def prefix_tokens(request: ClientRequest) -> int:
    """About how many tokens of a request will stand in others as well: all that is there but for
    what has come into the conversation since the model last spoke. 0 where that cannot be told."""
    places, document = _PLACES[request.dialect], request.document
    members = members_of(request.raw) if request.members is None else request.members
    name = b'"%b"' % places.turns.encode()
    turns, member = document.get(places.turns), None
    for each in members:
        member = each if each.name == name else member
    parts, size = _Parts(abridged=request.large), len(request.raw)
    if member is None:
        return _tokens(size, parts)
    if not isinstance(turns, list):
        return _tokens(size - (member.end - member.value_start), parts)
    new = frozenset(arrived_turns(turns))
    spans = elements_of(request.raw, member.value_start, member.end)
    if len(spans) != len(turns):
        return 0
    size -= sum(spans[position][1] - spans[position][0] for position in new)
    _see_turns((turn for at, turn in enumerate(turns) if at not in new), places, parts)
    return _tokens(size, parts)


class RequirementsOf:
    """A request's requirements: read when they are first asked for, and once."""

    __slots__ = ("_found", "_request")

    def __init__(self, request: ClientRequest) -> None:
        self._request = request
        self._found: Requirements | None = None

    def __call__(self) -> Requirements:
        if self._found is None:
            self._found = requirements_of(self._request)
        return self._found


def _reasons(document: Mapping[str, Any], places: _Places) -> bool:
    """Whether the request asks for reasoning; a model's own default does not count."""
    asked = (_member(document, *place) for place in places.reasoning)
    return any(isinstance(each, str) and each not in _NO_REASONING for each in asked)


def _output_bound(document: Mapping[str, Any], places: _Places) -> int:
    bounds = (document.get(name) for name in places.output_bounds)
    return next((bound for bound in bounds if type(bound) is int and bound > 0), 0)
