"""Images and files inside bodies: are they what they claim to be?"""

from __future__ import annotations

import base64
import binascii
import re

__all__ = ["IMAGE_TYPES", "data_url_fault", "is_base64", "is_url"]

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,")


def is_base64(data: str) -> bool:
    """Whether a text is base64 and not empty."""
    try:
        return bool(base64.b64decode(data, validate=True))
    except (ValueError, binascii.Error):
        return False


def is_url(text: str) -> bool:
    """Whether a text is an address that a provider would fetch from."""
    return text.startswith(("https://", "http://"))


def data_url_fault(url: str, allowed: frozenset[str]) -> str | None:
    """What is wrong with a data URL; None if nothing is."""
    found = _DATA_URL.match(url)
    if found is None:
        return "Expected a base64-encoded data URL with a MIME type."
    if found[1] not in allowed:
        return f"Unsupported MIME type: '{found[1]}'."
    return None if is_base64(url[found.end() :]) else "The data is not valid base64."
