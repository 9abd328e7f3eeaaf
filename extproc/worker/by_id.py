"""The by-id processor: a request without a body that names a model goes to whom its path says.

Python sees its headers alone. A file that is uploaded does not pass here.
"""

from __future__ import annotations

from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.exchange import headers_only
from extproc.worker.forwarding import Asked, Forwarding, path_of
from extproc.worker.processor import Processor, Stream

__all__ = ["ByIdProcessor"]


class ByIdProcessor(Processor):
    """One request of which only the headers are looked at."""

    def __init__(self, forwarding: Forwarding) -> None:
        """
        Args:
            forwarding: finds where it goes.
        """
        super().__init__()
        self._forwarding = forwarding
        self._exchange = headers_only()

    async def serve(self, stream: Stream) -> None:
        message = await stream.read()
        if message is not None:
            self._exchange.receive(message)
            await stream.write(await self._answer(message))

    async def _answer(self, message: Message) -> bytes:
        headers = replies.header_values(message.request_headers)
        self.request_id = headers.get("x-request-id", self.request_id)
        asked = Asked(path_of(headers))
        self.dialect = asked.path.spoken
        models = self._forwarding.models(asked)
        onward = await self._forwarding.onward(asked, models, headers)
        return replies.request_headers(onward.headers, onward.removed)
