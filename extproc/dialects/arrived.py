"""What has come into a conversation since the model last spoke: what the user says now, what tools
have given, and documents.

A conversation is sent whole with every request, so what came before was new in an earlier one. What
the operator says (``system``, ``developer``) and what the model said is not among it.

Shapes: https://platform.openai.com/docs/api-reference/chat/create,
https://docs.anthropic.com/en/api/messages,
https://platform.openai.com/docs/api-reference/responses/create.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from extproc.dialects.dialect import Json

__all__ = ["arrived_texts", "arrived_turns"]

_MODELS: Final = frozenset({"assistant", "model"})
_OPERATORS: Final = frozenset({"system", "developer"})
_OUTPUT: Final = "_output"
_CONTENTS: Final = ("content", "output", "text", "result", "source", "data", "title", "context")
_MEDIA: Final = frozenset(
    {"image", "image_url", "input_image", "input_audio", "audio", "file", "input_file"}
)


def arrived_texts(document: Json) -> Iterator[str]:
    """The texts that are new in a request of any dialect, or in one for completions, the latest
    turn first; none where there are none.

    What cannot be understood is passed over: that is for the provider to judge.
    """
    for name in ("messages", "input", "prompt"):
        given = document.get(name)
        if isinstance(given, str):
            yield given
        elif isinstance(given, list):
            for position in arrived_turns(given):
                yield from _texts(given[position])


def arrived_turns(items: Sequence[Any]) -> Iterator[int]:
    """The positions of the turns that are new in a conversation, the latest first."""
    spoken = False
    for position in reversed(range(len(items))):
        item = items[position]
        if isinstance(item, str):
            yield position
        if not isinstance(item, dict):
            continue
        if not _is_models(item):
            spoken = True
            if item.get("role") not in _OPERATORS:
                yield position
        elif spoken:  # not words put into the model's mouth, at the very end
            return


def _is_models(item: dict[str, Any]) -> bool:
    """Whether the model has made it: in responses, what has no role and is no output of a tool."""
    role = item.get("role")
    if role is not None:
        return role in _MODELS
    kind = item.get("type")
    return isinstance(kind, str) and not kind.endswith(_OUTPUT)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a turn or a part, in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict) and value.get("type") not in _MEDIA:
        encoded = value.get("type") == "base64"
        for name in _CONTENTS:
            if name in value and not (encoded and name == "data"):
                yield from _texts(value[name])
