"""Where the texts of answers stand, in whole ones and in the events of streams.

An answer is known by its form: no event of one dialect looks like one of another. What is text is
known by the name of its member, wherever that stands, so that what a dialect gains is seen, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any, Final, NamedTuple, TypeAlias

__all__ = [
    "ALL",
    "EventTexts",
    "Key",
    "Steps",
    "Text",
    "TextKind",
    "event_texts",
    "found",
    "put",
    "texts_of",
    "without_tokens",
]

Steps: TypeAlias = tuple[str | int, ...]
"""The way from a document to a value in it: names of members, and positions in lists."""
Key: TypeAlias = tuple[str | int | None, ...]
"""What tells the texts of one stream apart that go on from event to event."""


class TextKind(Enum):
    """What a piece of an answer's text is."""

    TEXT = auto()
    """What the model says."""
    REASONING = auto()
    """What it thinks. Providers that sign this take it back in the next request only unchanged."""
    ARGUMENTS = auto()
    """The arguments of a tool call, as JSON text: what is put into a string must be escaped."""


class Text(NamedTuple):
    """A text: where it stands, and what it is."""

    steps: Steps
    kind: TextKind


class EventTexts(NamedTuple):
    """The texts of one event of a stream.

    ``running`` go on from event to event, each under the key that it has in all of them. ``whole``
    stand by themselves. ``ended`` are the beginnings of the keys of which no more is to come.
    """

    running: Mapping[Key, Text]
    whole: tuple[Text, ...]
    ended: tuple[Key, ...] = ()


ALL: Final[Key] = ()
"""The beginning of every key."""

_KINDS: Final[Mapping[str, TextKind]] = {
    "arguments": TextKind.ARGUMENTS,
    "cited_text": TextKind.TEXT,
    "code": TextKind.TEXT,
    "content": TextKind.TEXT,
    "delta": TextKind.TEXT,
    "input": TextKind.TEXT,
    "instructions": TextKind.TEXT,
    "logs": TextKind.TEXT,
    "output": TextKind.TEXT,
    "output_text": TextKind.TEXT,
    "partial_json": TextKind.ARGUMENTS,
    "reasoning": TextKind.REASONING,
    "reasoning_content": TextKind.REASONING,
    "refusal": TextKind.TEXT,
    "text": TextKind.TEXT,
    "thinking": TextKind.REASONING,
    "title": TextKind.TEXT,
    "transcript": TextKind.TEXT,
}
"""By the names of members that hold text, or lists or objects with text in them."""
_OBJECTS: Final = frozenset({"input", "arguments"})
"""Members below which every string is text: they are the arguments of calls, read."""
_REASONING: Final = ("reasoning", "thinking")
_TOKENS: Final = "logprobs"
"""They say the text once more, token by token."""

_NO_MORE: Final = frozenset(
    {
        "message_delta",
        "message_stop",
        "error",
        "response.completed",
        "response.incomplete",
        "response.failed",
    }
)


def texts_of(document: Any) -> Iterator[Text]:
    """The texts of a whole answer, or of a part of one."""
    return _texts(document, (), None)


def _texts(value: Any, steps: Steps, kind: TextKind | None) -> Iterator[Text]:
    """The texts in a value; ``kind`` is what a string is here, None if it is none."""
    if isinstance(value, str):
        if kind is not None and value:
            yield Text(steps, kind)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from _texts(each, (*steps, position), kind)
    elif isinstance(value, dict):
        below = steps[-1] if steps else None
        if kind is not None and below in _OBJECTS:
            for name, each in value.items():
                yield from _all_strings(each, (*steps, name))
            return
        own = str(value.get("type", "")).startswith(_REASONING)
        for name, each in value.items():
            if name == _TOKENS:
                continue
            found_kind = _KINDS.get(name)
            if own and found_kind is TextKind.TEXT:
                found_kind = TextKind.REASONING
            yield from _texts(each, (*steps, name), found_kind)


def _all_strings(value: Any, steps: Steps) -> Iterator[Text]:
    if isinstance(value, str):
        if value:
            yield Text(steps, TextKind.TEXT)
    elif isinstance(value, list | dict):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for step, each in pairs:
            yield from _all_strings(each, (*steps, step))


def event_texts(event: Mapping[str, Any]) -> EventTexts:
    """The texts of one event."""
    choices = event.get("choices")
    if isinstance(choices, list):
        return _of_chunk(choices)
    kind = event.get("type")
    kind = kind if isinstance(kind, str) else ""
    ended: tuple[Key, ...] = (ALL,) if kind in _NO_MORE or event.get("error") else ()
    if kind == "content_block_delta":
        return _of_block(event)
    if kind == "content_block_stop":
        return EventTexts({}, (), ((event.get("index"),),))
    if kind.endswith(".delta") and isinstance(event.get("delta"), str):
        return _of_delta(event, kind)
    if kind.endswith(".done"):
        ended = (_key(event, f"{kind.removesuffix('.done')}.delta"),)
    return EventTexts({}, tuple(texts_of(event)), ended)


def _of_chunk(choices: list[Any]) -> EventTexts:
    """An event of chat completions, or of the completions before them."""
    running: dict[Key, Text] = {}
    ended: list[Key] = []
    for position, choice in enumerate(choices):
        if not isinstance(choice, dict):
            continue
        index = choice.get("index", position)
        for text in _texts(choice, ("choices", position), None):
            running[(index, *_names(choice, text.steps[2:]))] = text
        if choice.get("finish_reason"):
            ended.append((index,))
    return EventTexts(running, (), tuple(ended))


def _names(value: Any, steps: Steps) -> Iterator[str | int]:
    """Steps that lead to the same text in all events: calls say by ``index`` which one they are."""
    for step in steps:
        value = value[step]
        index = value.get("index") if isinstance(step, int) and isinstance(value, dict) else None
        yield index if isinstance(index, int) else step


def _of_block(event: Mapping[str, Any]) -> EventTexts:
    """A piece of a block of messages; of a citation, all comes at once."""
    delta = event.get("delta")
    if not isinstance(delta, dict):
        return EventTexts({}, ())
    found_texts = tuple(_texts(delta, ("delta",), None))
    if "citation" in delta:
        return EventTexts({}, found_texts)
    index = event.get("index")
    return EventTexts({(index, *text.steps[1:]): text for text in found_texts}, ())


def _of_delta(event: Mapping[str, Any], kind: str) -> EventTexts:
    """A piece of a text of responses. Sound is none, and its transcript has events of its own."""
    if kind == "response.audio.delta" or not event["delta"]:
        return EventTexts({}, ())
    what = TextKind.TEXT
    if "reasoning" in kind:
        what = TextKind.REASONING
    elif "arguments" in kind:
        what = TextKind.ARGUMENTS
    return EventTexts({_key(event, kind): Text(("delta",), what)}, ())


def _key(event: Mapping[str, Any], kind: str) -> Key:
    places = ("output_index", "content_index", "summary_index")
    return (kind, *(event.get(place) for place in places))


def found(document: Any, steps: Steps) -> str:
    """The text at this place."""
    for step in steps:
        document = document[step]
    text: str = document
    return text


def put(document: Any, steps: Steps, text: str) -> None:
    """Put another text into this place."""
    for step in steps[:-1]:
        document = document[step]
    document[steps[-1]] = text


def without_tokens(value: Any) -> bool:
    """Take out what says the texts once more, token by token; whether there was any."""
    taken = False
    if isinstance(value, dict):
        tokens = value.get(_TOKENS)
        if tokens:
            value[_TOKENS] = [] if isinstance(tokens, list) else None
            taken = True
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, list | dict):
            taken = without_tokens(each) or taken
    return taken
