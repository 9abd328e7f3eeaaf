"""Writes the parts of messages for chat providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from extproc.dialects.translation.chat.naming import OPENAI
from extproc.dialects.translation.common.finding_losses import RequestLosses
from extproc.dialects.translation.common.identifiers import Names
from extproc.dialects.translation.form import (
    Document,
    Image,
    Part,
    Text,
    ToolCall,
    ToolResult,
)
from extproc.dialects.translation.translator import Target

__all__ = ["Writing", "held_content", "text_of_document", "written_part"]

_PDF: Final = "application/pdf"
_NAMELESS: Final = "document.pdf"
_BETWEEN: Final = "\n\n"


def _image(image: Image) -> dict[str, Any] | None:
    source = image.source
    if source.data is not None:
        url = f"data:{source.media_type or 'image/png'};base64,{source.data}"
    elif source.url is not None:
        url = source.url
    else:
        return None
    shown = {"url": url} if image.detail is None else {"url": url, "detail": image.detail}
    return {"type": "image_url", "image_url": shown}


def text_of_document(document: Document) -> str | None:
    """A plain text under its title, None for a document of another kind."""
    text = document.source.text
    if text is None or not document.title:
        return text
    return f"{document.title}{_BETWEEN}{text}"


def _document(document: Document) -> dict[str, Any] | None:
    text = text_of_document(document)
    if text is not None:
        return {"type": "text", "text": text}
    source = document.source
    if source.data is None:
        return None
    data = f"data:{source.media_type or _PDF};base64,{source.data}"
    return {
        "type": "file",
        "file": {"filename": document.title or _NAMELESS, "file_data": data},
    }


def written_part(part: Part) -> dict[str, Any] | None:
    """A text, an image or a document as a part of a user's message; None for what is no such part
    in chat (an obstacle names it)."""
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if isinstance(part, Image):
        return _image(part)
    if isinstance(part, Document):
        return _document(part)
    return None


def held_content(
    parts: Iterable[dict[str, Any]], *, lists: bool, between: str = _BETWEEN
) -> str | list[dict[str, Any]]:
    """Parts as a message's content: a string where it is one text.

    Args:
        parts: as they are written.
        lists: whether the provider takes lists of nothing but texts; several compatible ones want
            a string there, in which the texts are joined.
        between: what joins them.
    """
    listed = list(parts)
    if len(listed) == 1 and listed[0]["type"] == "text":
        text: str = listed[0]["text"]
        return text
    if listed and (lists or any(part["type"] != "text" for part in listed)):
        return listed
    return between.join(part["text"] for part in listed)


@dataclass(frozen=True, slots=True)
class Writing:
    """What messages are written for: the model, the names that had to change, and the losses."""

    target: Target
    names: Names
    losses: RequestLosses

    @property
    def openai(self) -> bool:
        """Whether the provider takes all that OpenAI does."""
        return self.target.provider in OPENAI

    def held(self, parts: Iterable[dict[str, Any]]) -> str | list[dict[str, Any]]:
        """Parts as this provider takes them."""
        return held_content(parts, lists=self.openai)

    def note_cache(
        self, part: Text | Image | Document | ToolCall | ToolResult, path: str, index: int
    ) -> None:
        """Tell the mark for a cache that a part may have: the part at an index of ``path``'s."""
        if part.cache is not None:
            at = f"{path}[{index}]"
            self.losses.add("dropped:cache_control", at, "the provider caches by itself")
