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
from extproc.guards.guard import Blocked, GuardedRequest, GuardError, Passed, Replaced
from extproc.guards.probes import Probe
from extproc.guards.remote import RemoteGuard

__all__ = ["HttpGuard"]

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"


class HttpGuard(RemoteGuard):
    """A guard of requests and of answers."""

    def __init__(self, settings: GuardSettings, filter_: HttpFilter, asking: Asking) -> None:
        """
        Args:
            settings: its settings.
            filter_: where it is.
            asking: asks it.
        """
        super().__init__(settings)
        self._url = filter_.url.rstrip("/")
        self._asking = asking

    async def look(self, request: GuardedRequest) -> Passed | Replaced | Blocked:
        answer = await self._ask(request, request.body, _JSON)
        if isinstance(answer, Blocked):
            return answer
        if not answer or answer == request.body:
            return Passed()
        if not await request.with_body(answer).is_object():
            raise GuardError("malformed", "what it gave back is no JSON object")
        return Replaced(answer)

    async def look_at_text(self, request: GuardedRequest, probe: Probe, text: str) -> str | Blocked:
        event = b"data: %b\n\n" % orjson.dumps(probe.holding(text))
        answer = await self._ask(request, event, _EVENTS)
        if isinstance(answer, Blocked):
            return answer
        if not answer:
            return text
        texts = [probe.text_of(_event(data)) for data in EventReader().feed(answer + b"\n\n")]
        if not texts:
            raise GuardError("malformed", "what it gave back is no event")
        return "".join(texts)

    async def _ask(self, request: GuardedRequest, body: bytes, kind: str) -> bytes | Blocked:
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
            return self._blocked(answer.status)
        raise GuardError("status", f"it answered {answer.status}")


def _event(data: bytes) -> Mapping[str, object] | None:
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None
