"""What is asked in a turn that is mostly material: a document, code or a log with a request at one
end.

A person who pastes pages says what is to be done with them in a short paragraph before or behind.
Read together, the ends of the pages drown it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["asked"]

_SHORTEST_MATERIAL: Final = 2000
"""Characters: of what is shorter, enough is read anyway."""

_LONGEST_REQUEST: Final = 320
_WINDOW: Final = 1024
"""Where a paragraph that short must begin or end, blank lines and a signature included."""

_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n\s*")

_MATERIAL: Final = re.compile(
    r"^[#>|*\-+<{\[/\"'“]|^```|^~~~|[{}();=<>]{2}|\]\(|\d{2}:\d{2}:\d{2}|^\s{4}|^Traceback"
    r"|^\w*(?:Error|Exception)\b|^(?:import|from|def|class|return|DEBUG|INFO|WARN|ERROR)\b",
    re.MULTILINE,
)
"""Markup, code, quotations and lines of logs: no words to whoever is asked."""

_COURTESY: Final = re.compile(
    r"(?:hi|hello|hey|dear|thanks|thank you|thx|cheers|best|kind|regards|sincerely|yours)\b"
    r"[^.?!\n]{0,40}[.,!]?(?:\n[^\n]{0,40})?",
    re.IGNORECASE,
)
"""Greetings, thanks and signatures, with a name below."""

_ASKING: Final = re.compile(
    r"(?:please|can|could|would|will|what|why|how|where|which|who|when|is|are|do|does|should"
    r"|i need|i want|help|write|fix|add|make|give|list|translate|summari[sz]e|explain|correct"
    r"|reply|rewrite|find|create|convert|extract|review|check|tell|show|describe|compare|plan"
    r"|rename|remove|update|put|turn|generate|answer|draft|improve|shorten|classify|analy[sz]e"
    r"|debug|refactor|implement|restart|deploy)\b",
    re.IGNORECASE,
)


def asked(text: str) -> str | None:
    """The short paragraph that begins or ends a long text, None where neither is one.

    If both ends are short paragraphs, it is the one that sounds like a request, and both of them
    if that does not tell them apart.
    """
    if len(text) < _SHORTEST_MATERIAL:
        return None
    text = text.strip()
    ends = [end for end in (_first(text[:_WINDOW]), _last(text[-_WINDOW:])) if end is not None]
    asking = [end for end in ends if _ASKING.match(end) or end.endswith(("?", ":"))]
    return "\n".join(asking or ends) or None


def _first(head: str) -> str | None:
    return _request(_BLANK_LINES.split(head)[:-1])


def _last(tail: str) -> str | None:
    return _request(_BLANK_LINES.split(tail)[:0:-1])


def _request(paragraphs: Sequence[str]) -> str | None:
    """The outermost paragraph but for courtesies, if it may be a request."""
    for paragraph in paragraphs:
        words = paragraph.strip()
        if _COURTESY.fullmatch(words):
            continue
        fits = len(words) <= _LONGEST_REQUEST and not _MATERIAL.search(words)
        return words if fits else None
    return None
