"""A guard that is asked over HTTP, as Plano asks its filters: what is to be looked at is posted to
the guard's URL with the request's path behind it, and what comes back takes its place.

2xx passes, with the body that came, or as it was if none did; 4xx blocks, and its status is the
client's; all else is a failure of the guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from extproc.core.guards import GuardSettings, HttpFilter
from extproc.dialects.sse import EventReader
from extproc.guards.asking import Answer, Asking, headers_for
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    GuardError,
    Passed,
    Released,
    Replaced,
    TextKind,
    WholeVerdict,
)
from extproc.guards.probes import probe_for
from extproc.guards.window import through_window

__all__ = ["HttpGuard"]

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"


class HttpGuard:
    """A guard of requests and of answers."""

    def __init__(self, settings: GuardSettings, filter_: HttpFilter, asking: Asking) -> None:
        """
        Args:
            settings: its settings.
            filter_: where it is.
            asking: asks it.
        """
        self._settings = settings
        self._url = filter_.url.rstrip("/")
        self._asking = asking

    async def look(self, request: GuardedRequest) -> Passed | Replaced | Blocked:
        """Look at a request."""
        answer = await self.ask(request, request.body, _JSON)
        if isinstance(answer, Blocked):
            return answer
        if not answer or answer == request.body:
            return Passed()
        await _check(request.with_body(answer))
        return Replaced(answer)

    def answering(self, request: GuardedRequest) -> AnswerGuard:
        """Who looks at the answer to a request."""
        return _Answering(self, request, self._settings.window)

    async def ask(self, request: GuardedRequest, body: bytes, kind: str) -> bytes | Blocked:
        """What comes back for something that belongs to a request.

        Args:
            request: the request.
            body: what is to be looked at.
            kind: its content type.

        Raises:
            GuardError: nothing that could take its place.
        """
        headers = headers_for(self._settings, request.headers)
        told = {**headers, "content-type": kind, "accept": kind}
        return self._read(await self._asking.post(self._url + request.path, body, told))

    def _read(self, answer: Answer) -> bytes | Blocked:
        if 200 <= answer.status < 300:
            return answer.body
        if 400 <= answer.status < 500:
            message = f"This was blocked by the guard '{self._settings.name}'."
            return Blocked(message, status=answer.status)
        raise GuardError("status", f"it answered {answer.status}")


async def _check(request: GuardedRequest) -> None:
    if not await request.is_object():
        raise GuardError("malformed", "what it gave back is no JSON object")


class _Answering(AnswerGuard):
    """Looks at the answer to one request."""

    def __init__(self, guard: HttpGuard, request: GuardedRequest, window: int) -> None:
        self._guard = guard
        # The body may be large, and answers take long.
        self._request = request.with_body(b"")
        self._window = window

    async def whole(self, body: bytes) -> WholeVerdict:
        answer = await self._guard.ask(self._request, body, _JSON)
        if isinstance(answer, Blocked):
            return answer
        if not answer or answer == body:
            return Passed()
        await _check(self._request.with_body(answer))
        return Replaced(answer)

    async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released | Blocked:
        async def look(shown: str) -> str | Blocked:
            return await self._look(kind, shown)

        return await through_window(text, self._window, look, ended=ended)

    async def _look(self, kind: TextKind, text: str) -> str | Blocked:
        probe = probe_for(self._request.dialect, kind)
        event = b"data: %b\n\n" % orjson.dumps(probe.holding(text))
        answer = await self._guard.ask(self._request, event, _EVENTS)
        if isinstance(answer, Blocked):
            return answer
        if not answer:
            return text
        texts = [probe.text_of(_event(data)) for data in EventReader().feed(answer + b"\n\n")]
        if not texts:
            raise GuardError("malformed", "what it gave back is no event")
        return "".join(texts)


def _event(data: bytes) -> Mapping[str, object] | None:
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None
