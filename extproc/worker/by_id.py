"""The by-id processor: a request without a body that names a model goes to whom its path says.

Python sees its headers alone. A file that is uploaded does not pass here.
"""

from __future__ import annotations

from extproc.core.aside import Aside
from extproc.dialects.api_paths import ApiPath
from extproc.guards.answers import answer_guards
from extproc.guards.guard import GuardedRequest
from extproc.guards.requests import RequestGuards
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.exchange import headers_and_answer, headers_only
from extproc.worker.forwarding import Asked, Forwarding, path_of
from extproc.worker.guarded_answer import guard_answer, let_by
from extproc.worker.guarded_paths import see_file, shown_at
from extproc.worker.processor import Processor, Stream

__all__ = ["ByIdProcessor"]


class ByIdProcessor(Processor):
    """One request of which only the headers are looked at."""

    def __init__(
        self, forwarding: Forwarding, aside: Aside, guards: RequestGuards | None = None
    ) -> None:
        """
        Args:
            forwarding: finds where it goes.
            aside: where large answers are gone through.
            guards: look at answers; None: there are none.
        """
        super().__init__()
        self._forwarding = forwarding
        self._aside = aside
        self._guards = guards
        self._stays = guards is not None and guards.may_look_at_answers
        self._shown: GuardedRequest | None = None
        self._exchange = headers_and_answer() if self._stays else headers_only()

    async def serve(self, stream: Stream) -> None:
        message = await stream.read()
        if message is None:
            return
        if self._exchange.receive(message) == "response_headers":
            await let_by(stream, self._exchange)  # somebody before us has answered
            return
        await stream.write(await self._answer(message))
        if self._guards is not None and self._shown is not None and self._stays:
            looks = self._guards.answering(self._shown)
            answering = answer_guards(looks, self.request_id, self._guards.tell, self._aside)
            await guard_answer(stream, self._exchange, answering, self.dialect)

    async def _answer(self, message: Message) -> bytes:
        headers = replies.header_values(message.request_headers)
        self.request_id = headers.get("x-request-id", self.request_id)
        asked = Asked(path_of(headers))
        self.dialect = asked.path.spoken
        if self._guards is not None:
            self._shown = shown_at(asked.path, b"", headers, self._aside)
            has_body = not message.request_headers.end_of_stream
            _see_what_is_unseen(self._guards, asked.path, has_body=has_body)
        models = self._forwarding.models(asked)
        onward = await self._forwarding.onward(asked, models, headers)
        return replies.request_headers(onward.headers, onward.removed)


def _see_what_is_unseen(guards: RequestGuards, path: ApiPath, *, has_body: bool) -> None:
    """See whether the request may pass although its body is not looked at.

    Raises:
        ClientError: it may not (400).
    """
    if guards.look_at_requests and has_body:
        guards.unseen(f"The body of a request to {path.path}")
    see_file(guards, path)
