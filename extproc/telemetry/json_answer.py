"""How the admin port writes JSON, and what it says of questions that it cannot take."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

__all__ = ["JsonAnswer", "whole_number"]


class JsonAnswer(Response):
    """JSON that people read with curl."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        # Clients choose names, also such that UTF-8 has no bytes for.
        text = json.dumps(content, indent=2, ensure_ascii=False)
        return f"{text}\n".encode(errors="replace")


def whole_number(name: str, text: str, least: int, most: int) -> int:
    """A parameter of a query.

    Raises:
        HTTPException: it is no whole number between the two; the message says what it must be.
    """
    if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
        return int(text)
    raise HTTPException(400, f"{name} must be a whole number from {least} to {most}")
