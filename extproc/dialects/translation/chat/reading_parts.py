"""Reads the parts of a message's content: texts, images, files, and what only chat has.

Shapes: https://platform.openai.com/docs/api-reference/chat/create. Marks for caches are OpenAI's
``prompt_cache_breakpoint`` and, as several compatible providers take it, Anthropic's
``cache_control``.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.places import Leftovers, wrong
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

_PDF: Final = "application/pdf"
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


def _string(holder: Mapping[str, Any], name: str, path: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str):
        raise wrong(f"{path}.{name}", "a string")
    return value


def _optional(holder: Mapping[str, Any], name: str, path: str) -> str | None:
    return None if holder.get(name) is None else _string(holder, name, path)


def _object(holder: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise wrong(f"{path}.{name}", "an object")
    return value


def _data_uri(uri: str, path: str) -> Source:
    """Source: RFC 2397; data that is not base64 there becomes so."""
    head, comma, data = uri.partition(",")
    if not comma:
        raise wrong(path, "a data URI with a comma before its data")
    media_type, *parameters = head[len("data:") :].lower().split(";")
    media_type = "image/jpeg" if media_type == "image/jpg" else media_type
    if "base64" not in parameters:
        data = b64encode(unquote_to_bytes(data)).decode()
    return Source(data=data, media_type=media_type or None)


def _is_data_uri(uri: str) -> bool:
    return uri[:5].lower() == "data:"


def _text(part: Mapping[str, Any], path: str) -> Part:
    return Text(_string(part, "text", path), cache_mark(part))


def _image(part: Mapping[str, Any], path: str) -> Part:
    image = _object(part, "image_url", path)
    url = _string(image, "url", f"{path}.image_url")
    detail = _optional(image, "detail", f"{path}.image_url")
    source = _data_uri(url, f"{path}.image_url.url") if _is_data_uri(url) else Source(url=url)
    return Image(source, None if detail == "auto" else detail, cache_mark(part))


def _as_text(source: Source) -> Source:
    """Plain text, where that is what a file holds: every dialect can carry it."""
    if source.media_type != "text/plain" or source.data is None:
        return source
    try:
        return Source(text=b64decode(source.data, validate=True).decode())
    except (Base64Error, ValueError):
        return source


def _file(part: Mapping[str, Any], path: str) -> Part:
    file, place = _object(part, "file", path), f"{path}.file"
    data = _optional(file, "file_data", place)
    if data is None:
        source = Source(file_id=_string(file, "file_id", place))
    elif _is_data_uri(data):
        source = _as_text(_data_uri(data, f"{place}.file_data"))
    else:
        source = Source(data=data, media_type=_PDF)
    return Document(source, _optional(file, "filename", place), cache_mark(part))


def _refusal(part: Mapping[str, Any], path: str) -> Part:
    return Refusal(_string(part, "refusal", path))


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
        kind = _string(part, "type", at)
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
