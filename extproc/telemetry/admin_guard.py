"""Keeps web pages and strangers away from the admin port, whose answers are for operators.

A page may ask any address that its browser reaches, and by bending a name of its own to that
address it may read the answer (DNS rebinding). All of it shows: the request has the page's
``Origin``, the browser's word that it comes from another site (``Sec-Fetch-Site``), or a ``Host``
that is none of this machine's names. https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from extproc.core.clipping import clipped

__all__ = ["AdminGuard"]

_FORBIDDEN: Final = 403
_UNAUTHORIZED: Final = 401
_SCHEME: Final = "bearer "
_OUR_SITES: Final = ("same-origin", "none")
"""``none`` is what a person typed, or opened from outside of any page."""


def _nothing(_: str) -> bool:
    return False


class AdminGuard:
    """Answers 403 to requests that a web page may have sent, 401 to those without the token, and
    lets the others in."""

    def __init__(
        self,
        application: ASGIApp,
        hosts: Collection[str],
        token: str | None = None,
        is_public: Callable[[str], bool] = _nothing,
    ) -> None:
        """
        Args:
            application: what answers the others.
            hosts: this machine's names besides ``localhost`` and its addresses; "*": any.
            token: what requests have to bring along as a bearer token; None: nothing.
            is_public: of a path, whether it tells nothing about what runs here: it needs no token,
                and a link on another site may lead to it.
        """
        self._application = application
        self._hosts = frozenset(hosts)
        self._token = None if token is None else token.encode()
        self._is_public = is_public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = self._application
        if scope["type"] == "http":
            answer = self._refusal(scope["path"], Headers(scope=scope)) or answer
        await answer(scope, receive, send)

    def _refusal(self, path: str, headers: Headers) -> Response | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            return _forbidden(
                f"this machine is not known as {clipped(host)}: call it by its address, or "
                "list this name as dragoman.allowed_hosts"
            )
        if origin is not None and origin.partition("://")[2] != host:
            return _forbidden(f"web pages of {clipped(origin)} may not read this")
        is_public = self._is_public(path)
        if headers.get("sec-fetch-site", "none") not in _OUR_SITES and not (
            is_public and _opens_a_page(headers)
        ):
            return _forbidden("pages of other sites may not read this")
        if self._token is None or is_public or _brings(self._token, headers):
            return None
        return JSONResponse(
            {
                "error": "this port wants the token that dragoman.admin_token names: send it as "
                "authorization: Bearer ..., or set DRAGOMAN_ADMIN_TOKEN for dragoman's commands"
            },
            _UNAUTHORIZED,
            {"www-authenticate": "Bearer"},
        )

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return (
                "*" in self._hosts or name in {"localhost", *self._hosts} or bool(ip_address(name))
            )
        except ValueError:
            return False


def _forbidden(reason: str) -> Response:
    return JSONResponse({"error": reason}, _FORBIDDEN)


def _opens_a_page(headers: Headers) -> bool:
    """Whether a person follows a link: nothing of what it leads to is told to where it was."""
    return (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def _brings(token: bytes, headers: Headers) -> bool:
    given = headers.get("authorization", "")
    if given[: len(_SCHEME)].lower() != _SCHEME:
        return False
    return hmac.compare_digest(given[len(_SCHEME) :].strip().encode(), token)
