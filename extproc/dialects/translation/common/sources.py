"""Where images and files are: at an address, or inside the request (RFC 2397)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from urllib.parse import unquote_to_bytes

from extproc.dialects.translation.common.fields import wrong
from extproc.dialects.translation.form import Source

__all__ = ["PDF", "as_text", "is_data_uri", "located"]

PDF = "application/pdf"
_SPELLINGS = {"image/jpg": "image/jpeg"}


def is_data_uri(uri: str) -> bool:
    """Whether the data stand in the address itself."""
    return uri[:5].lower() == "data:"


def located(uri: str, place: str) -> Source:
    """What an address leads to; data that are not base64 become so.

    Raises:
        ClientError: it is a data URI without data (400).
    """
    if not is_data_uri(uri):
        return Source(url=uri)
    head, comma, data = uri.partition(",")
    if not comma:
        raise wrong(place, "a data URI with a comma before its data")
    media_type, *parameters = head[len("data:") :].lower().split(";")
    if "base64" not in parameters:
        data = b64encode(unquote_to_bytes(data)).decode()
    return Source(data=data, media_type=_SPELLINGS.get(media_type, media_type) or None)


def as_text(source: Source) -> Source:
    """Plain text, where that is what a file holds: every dialect can carry it."""
    if source.media_type != "text/plain" or source.data is None:
        return source
    try:
        return Source(text=b64decode(source.data, validate=True).decode())
    except (Base64Error, ValueError):
        return source
