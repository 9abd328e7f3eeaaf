"""Reads the parts of a message's content, and of a tool's output.

Shapes: ``ResponseInputContent``, ``ResponseOutputMessage`` and
``ResponseFunctionCallOutputItemList`` of the ``openai`` SDK.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.fields import object_at, optional_text, text_at
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

__all__ = ["read_content"]

_Members = Mapping[str, Any]


def read_content(content: object, place: str) -> tuple[Part, ...]:
    """The parts of a string or an array of parts.

    Args:
        content: as the client wrote it; null is no parts, and so is "".
        place: where in the body it stands.

    Raises:
        ClientError: it is of another type, or a part is malformed (400).
    """
    if isinstance(content, str):
        return (Text(content),) if content else ()
    if content is None:
        return ()
    if not isinstance(content, list):
        raise invalid(place, "must be a string or an array of parts")
    return tuple(_part(part, place, index) for index, part in enumerate(content))


def _part(part: object, content: str, index: int) -> Part:
    place = f"{content}[{index}]"
    if isinstance(part, str):
        return Text(part)
    members = object_at(part, place)
    kind = text_at(members, "type", place)
    read = _PARTS.get(kind)
    if read is None:
        return Opaque(Dialect.RESPONSES, kind, place, members)
    return read(members, place)


def _cache(members: _Members) -> Mapping[str, Any] | None:
    """Anthropic's mark for OpenAI's explicit breakpoint, whose times to live are longer."""
    breakpoint_ = members.get("prompt_cache_breakpoint")
    if not isinstance(breakpoint_, dict):
        return None
    if breakpoint_.get("ttl") is None:
        return {"type": "ephemeral"}
    return {"type": "ephemeral", "ttl": "1h"}


def _text(members: _Members, place: str) -> Text:
    return Text(text_at(members, "text", place), _cache(members))


def _refusal(members: _Members, place: str) -> Refusal:
    return Refusal(text_at(members, "refusal", place))


def _image(members: _Members, place: str) -> Image:
    url = optional_text(members, "image_url", place)
    if url is not None:
        source = located(url, f"{place}.image_url")
    else:
        source = Source(file_id=text_at(members, "file_id", place))
    detail = optional_text(members, "detail", place)
    return Image(source, None if detail == "auto" else detail, _cache(members))


def _file(members: _Members, place: str) -> Document:
    title = optional_text(members, "filename", place)
    data = optional_text(members, "file_data", place)
    url = optional_text(members, "file_url", place)
    if data is not None and is_data_uri(data):
        source = as_text(located(data, f"{place}.file_data"))
    elif data is not None:
        guessed = mimetypes.guess_type(title)[0] if title else None
        source = Source(data=data, media_type=guessed or PDF)
    elif url is not None:
        source = located(url, f"{place}.file_url")
    else:
        source = Source(file_id=text_at(members, "file_id", place))
    return Document(source, title, _cache(members))


_PARTS: Mapping[str, Callable[[_Members, str], Part]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "refusal": _refusal,
    "input_image": _image,
    "input_file": _file,
}
