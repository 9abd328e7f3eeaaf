"""Reads the parts of a message's content: texts, images, files, and what only chat has.

Shapes: https://platform.openai.com/docs/api-reference/chat/create. Marks for caches are OpenAI's
``prompt_cache_breakpoint`` and, as several compatible providers take it, Anthropic's
``cache_control``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.places import Leftovers
from extproc.dialects.translation.common.fields import optional_text, text_at, wrong
from extproc.dialects.translation.common.sources import PDF, as_text, is_data_uri, located
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Refusal,
    Source,
    Text,
)

__all__ = ["cache_mark", "read_content", "read_texts"]

_CACHE_MARKS: Final = frozenset({"cache_control", "prompt_cache_breakpoint"})
_LONG_LIFE: Final = "12h"
"""OpenAI's longer life of a cached prefix; the nearest that Anthropic has is an hour."""


def cache_mark(holder: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The mark that what ends here is worth caching, in Anthropic's terms."""
    if _CACHE_MARKS.isdisjoint(holder):
        return None
    mark = holder.get("cache_control")
    if isinstance(mark, dict):
        return mark
    breakpoint_ = holder.get("prompt_cache_breakpoint")
    if not isinstance(breakpoint_, dict):
        return None
    if breakpoint_.get("ttl") == _LONG_LIFE:
        return {"type": "ephemeral", "ttl": "1h"}
    return {"type": "ephemeral"}


def _object(holder: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise wrong(f"{path}.{name}", "an object")
    return value


def _text(part: Mapping[str, Any], path: str) -> Part:
    return Text(text_at(part, "text", path), cache_mark(part))


def _image(part: Mapping[str, Any], path: str) -> Part:
    image = _object(part, "image_url", path)
    url = text_at(image, "url", f"{path}.image_url")
    detail = optional_text(image, "detail", f"{path}.image_url")
    source = located(url, f"{path}.image_url.url")
    return Image(source, None if detail == "auto" else detail, cache_mark(part))


def _file(part: Mapping[str, Any], path: str) -> Part:
    file, place = _object(part, "file", path), f"{path}.file"
    data = optional_text(file, "file_data", place)
    if data is None:
        source = Source(file_id=text_at(file, "file_id", place))
    elif is_data_uri(data):
        source = as_text(located(data, f"{place}.file_data"))
    else:
        source = Source(data=data, media_type=PDF)
    return Document(source, optional_text(file, "filename", place), cache_mark(part))


def _refusal(part: Mapping[str, Any], path: str) -> Part:
    return Refusal(text_at(part, "refusal", path))


_READERS: Final[Mapping[str, tuple[Callable[[Mapping[str, Any], str], Part], frozenset[str]]]] = {
    "text": (_text, _CACHE_MARKS | {"type", "text"}),
    "image_url": (_image, _CACHE_MARKS | {"type", "image_url"}),
    "file": (_file, _CACHE_MARKS | {"type", "file"}),
    "refusal": (_refusal, frozenset({"type", "refusal"})),
}
"""By a part's type: its reader, and the members that it knows."""


def read_content(
    holder: Mapping[str, Any], path: str, leftovers: Leftovers, name: str = "content"
) -> list[Part]:
    """The parts of a message's content; empty texts are none.

    Args:
        holder: the message.
        path: where it stands.
        leftovers: takes what is not understood.
        name: the member that holds the content.

    Raises:
        ClientError: the content is neither null, nor a string, nor a list of parts (400).
    """
    content = holder.get(name)
    if isinstance(content, str):
        return [Text(content, cache_mark(holder))] if content else []
    if content is None:
        return []
    place = f"{path}.{name}"
    if not isinstance(content, list):
        raise wrong(place, "a string or an array of parts")
    parts: list[Part] = []
    for index, part in enumerate(content):
        at = f"{place}[{index}]"
        if not isinstance(part, dict):
            raise wrong(at, "an object")
        kind = text_at(part, "type", at)
        row = _READERS.get(kind)
        if row is None:
            parts.append(Opaque(Dialect.CHAT, kind, at, part))
            continue
        reader, known = row
        leftovers.inside(part, known, "content", at)
        read = reader(part, at)
        if not isinstance(read, Text) or read.text:
            parts.append(read)
    return parts


def read_texts(holder: Mapping[str, Any], path: str, leftovers: Leftovers) -> list[Text]:
    """The content of a message that can hold nothing but text (a system's)."""
    texts = []
    for part in read_content(holder, path, leftovers):
        if not isinstance(part, Text):
            raise wrong(f"{path}.content", "text: a system message holds nothing else")
        texts.append(part)
    return texts
