"""Where an image or a document is, in Anthropic's words.

``anthropic.types.ImageBlockParam``, ``anthropic.types.DocumentBlockParam``.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any

from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.sources import PDF
from extproc.dialects.translation.form import Source

__all__ = ["document_source", "image_source"]

_SPELLINGS = {"image/jpg": "image/jpeg"}


def _elsewhere(source: Source) -> dict[str, Any] | None:
    if source.url is not None:
        return {"type": "url", "url": source.url}
    if source.file_id is not None:
        return {"type": "file", "file_id": source.file_id}
    return None


def image_source(source: Source) -> dict[str, Any]:
    """An image's source; that it can be carried has been asked."""
    kind = _SPELLINGS.get(source.media_type or "", source.media_type)
    data = {"type": "base64", "media_type": kind, "data": source.data}
    return _elsewhere(source) or data


def _plain_text(source: Source, path: str) -> str:
    """The text of a document of type ``text/*``."""
    try:
        return b64decode(source.data or "", validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        raise invalid(path, "must hold valid base64") from None


def document_source(source: Source, path: str) -> dict[str, Any]:
    """A document's source; that it can be carried has been asked.

    Raises:
        ClientError: its data are no base64 (400).
    """
    where = _elsewhere(source)
    if where is not None:
        return where
    if source.text is None and source.media_type in (None, PDF):
        return {"type": "base64", "media_type": PDF, "data": source.data}
    text = _plain_text(source, path) if source.text is None else source.text
    return {"type": "text", "media_type": "text/plain", "data": text}
