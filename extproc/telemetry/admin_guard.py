"""Keeps web pages away from the admin port, whose answers are for operators.

A page may ask any address that its browser reaches, and by bending a name of its own to that
address it may read the answer (DNS rebinding). Both show: the request has the page's ``Origin``, or
a ``Host`` that is none of this machine's names.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from extproc.core.clipping import clipped

__all__ = ["AdminGuard"]

_FORBIDDEN = 403


class AdminGuard:
    """Answers 403 to requests that a web page may have sent, and lets the others in."""

    def __init__(self, application: ASGIApp, hosts: Collection[str]) -> None:
        """
        Args:
            application: what answers the others.
            hosts: this machine's names besides ``localhost`` and its addresses; "*": any.
        """
        self._application = application
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        if refusal is None:
            await self._application(scope, receive, send)
        else:
            answer = JSONResponse({"error": refusal}, _FORBIDDEN)
            await answer(scope, receive, send)

    def _refusal(self, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            return (
                f"this machine is not known as {clipped(host)}: call it by its address, or "
                "list this name as dragoman.allowed_hosts"
            )
        if origin is not None and origin.partition("://")[2] != host:
            return f"web pages of {clipped(origin)} may not read this"
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return (
                "*" in self._hosts or name in {"localhost", *self._hosts} or bool(ip_address(name))
            )
        except ValueError:
            return False
