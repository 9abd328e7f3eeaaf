"""What a conversation begins with, as its provider's prompt cache sees it: system prompt and tools.

Conversations that begin alike and whose first words are the same are one session, where no header
names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

from extproc.dialects.request import ClientRequest

__all__ = ["opening_of", "prefix_of"]

_TURNS: Final = ("messages", "input")
_SYSTEM_ROLES: Final = ("system", "developer")
_APART: Final = b"\x1f"
_CHANGES_EACH_TIME: Final = "x-anthropic-billing-header:"
"""How a line begins that Claude Code puts first, and that is another one in each request."""


def prefix_of(request: ClientRequest) -> str:
    """What tells the beginning of a request from others: 16 hexadecimal digits."""
    return _digest(_beginning(request))


def opening_of(request: ClientRequest) -> str | None:
    """What tells a conversation from others by how it began: its system prompt, its tools, the
    model that it asks for and the first thing that was said. None where nothing was said."""
    first = next((turn.text for turn in request.conversation if turn.role == "user"), "")
    if not first:
        return None
    return _digest((*_beginning(request), request.model or "", first))


def _beginning(request: ClientRequest) -> tuple[str, ...]:
    return (*_system_texts(request.document), "", *request.tool_names)


def _system_texts(document: Any) -> Iterator[str]:
    for member in ("system", "instructions"):
        yield from _texts(document.get(member))
    for member in _TURNS:
        turns = document.get(member)
        for turn in turns if isinstance(turns, list) else ():
            if isinstance(turn, dict) and turn.get("role") in _SYSTEM_ROLES:
                yield from _texts(turn.get("content"))


def _texts(content: Any) -> Iterator[str]:
    for part in content if isinstance(content, list) else (content,):
        text = part.get("text") if isinstance(part, dict) else part
        if isinstance(text, str) and not text.startswith(_CHANGES_EACH_TIME):
            yield text


def _digest(texts: tuple[str, ...]) -> str:
    hashed = blake2b(digest_size=8)
    for text in texts:
        hashed.update(text.encode(errors="surrogatepass") + _APART)
    return hashed.hexdigest()
