"""The console's own files: a page, its style and its scripts, with nothing from anywhere else.

They hold nothing of what runs here, so that anybody may have them; what they show, they ask for.
The browser is told to run nothing but these files, to put no text into the page as HTML
(https://www.w3.org/TR/trusted-types/), and to let no other page frame it.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

__all__ = ["POLICY", "asset_routes", "is_asset"]

_HOME: Final = "/console/"
_INDEX: Final = "index.html"
_NOT_CHANGED: Final = 304
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS: Final = {
    "cache-control": "no-cache",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def is_asset(path: str) -> bool:
    """Whether a path is one of the console's files, or leads to them."""
    return path in ("/", _HOME.rstrip("/")) or path.startswith(_HOME)


def asset_routes() -> list[Route]:
    """The routes of the page and its files, which are read here once."""
    page = files(__package__) / "page"
    assets = {entry.name: _Asset(entry.name, entry.read_bytes()) for entry in page.iterdir()}

    async def asset(request: Request) -> Response:
        found = assets.get(request.path_params.get("name", _INDEX))
        if found is None:
            raise HTTPException(404)
        return found.answer(request)

    async def home(_: Request) -> Response:
        return RedirectResponse(_HOME)

    return [
        Route("/", home),
        Route(_HOME, asset),
        Route(f"{_HOME}{{name}}", asset),
    ]


class _Asset:
    def __init__(self, name: str, content: bytes) -> None:
        self._content = content
        suffix = name[name.rindex(".") :]
        self._type = _TYPES[suffix]
        self._headers = _HEADERS | {"etag": f'"{hashlib.sha256(content).hexdigest()[:16]}"'}

    def answer(self, request: Request) -> Response:
        known = request.headers.get("if-none-match", "")
        if self._headers["etag"] in known:
            return Response(status_code=_NOT_CHANGED, headers=self._headers)
        return Response(self._content, headers=self._headers, media_type=self._type)
