"""Reads the parts of a message's content, and of a tool's output.

Shapes: ``ResponseInputContent``, ``ResponseOutputMessage`` and
``ResponseFunctionCallOutputItemList`` of the ``openai`` SDK.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Refusal,
    Source,
    Text,
)
from extproc.dialects.translation.responses.fields import (
    invalid,
    optional_text,
    required_object,
    required_text,
)

__all__ = ["read_content"]

_PDF = "application/pdf"

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
    members = required_object(part, place)
    kind = required_text(members, "type", place)
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
    return Text(required_text(members, "text", place), _cache(members))


def _refusal(members: _Members, place: str) -> Refusal:
    return Refusal(required_text(members, "refusal", place))


def _image(members: _Members, place: str) -> Image:
    url = optional_text(members, "image_url", place)
    if url is not None:
        source = _located(url, f"{place}.image_url")
    else:
        source = Source(file_id=required_text(members, "file_id", place))
    return Image(source, optional_text(members, "detail", place), _cache(members))


def _file(members: _Members, place: str) -> Document:
    title = optional_text(members, "filename", place)
    data = optional_text(members, "file_data", place)
    url = optional_text(members, "file_url", place)
    if data is not None and data.startswith("data:"):
        source = _located(data, f"{place}.file_data")
    elif data is not None:
        guessed = mimetypes.guess_type(title)[0] if title else None
        source = Source(data=data, media_type=guessed or _PDF)
    elif url is not None:
        source = _located(url, f"{place}.file_url")
    else:
        source = Source(file_id=required_text(members, "file_id", place))
    return Document(source, title, _cache(members))


def _located(url: str, place: str) -> Source:
    """A source at a URL, or inside a data URL (RFC 2397)."""
    if not url.startswith("data:"):
        return Source(url=url)
    head, comma, data = url.partition(",")
    media_type, *parameters = head.removeprefix("data:").split(";")
    if not comma or "base64" not in parameters:
        raise invalid(place, "must be base64 where it is a data URL (data:<type>;base64,<data>)")
    return Source(data=data, media_type=media_type.lower())


_PARTS: Mapping[str, Callable[[_Members, str], Part]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "refusal": _refusal,
    "input_image": _image,
    "input_file": _file,
}
