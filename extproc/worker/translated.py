"""A request in the dialect of a provider, and the way back for the answer.

Here is no I/O: the processor carries bytes between this and Envoy.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson

from extproc.contract import TRANSLATION
from extproc.core.models import Dialect, Model
from extproc.dialects.body import Buffer
from extproc.dialects.reading import is_large, read_whole
from extproc.dialects.sse import EventReader, check_held
from extproc.dialects.table import DIALECTS
from extproc.dialects.translation.crossing import crossing
from extproc.dialects.translation.events import Failed
from extproc.dialects.translation.form import Answer, Failure
from extproc.dialects.translation.lifting import lift
from extproc.dialects.translation.losses import told
from extproc.dialects.translation.messages.marking import MARKED, marked
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Echo, StreamReader, StreamWriter

__all__ = [
    "JSON_TYPE",
    "TranslatedRequest",
    "TranslatedStream",
    "WayBack",
    "is_success",
    "translated",
]

JSON_TYPE = "application/json"


def is_success(status: int) -> bool:
    """Whether an answer with this status is one; some gateways say 201."""
    return 200 <= status < 300


class TranslatedRequest(NamedTuple):
    """A request as its provider gets it: headers to set and to remove, the body in pieces.

    ``way_back`` is for its answer and holds nothing of the body, which can go once it is sent.
    """

    changed: Mapping[str, str]
    removed: Sequence[str]
    body: Sequence[Buffer]
    way_back: WayBack


def translated(
    raw: bytes,
    dialect: Dialect,
    model: Model,
    *,
    created: int,
    request_id: str,
    marks: bool = False,
) -> TranslatedRequest:
    """Translate a request for a model that does not speak its dialect.

    Args:
        raw: the body.
        dialect: the client's.
        model: the candidate.
        created: the time that the answer tells where its provider tells none, in seconds since the
            epoch.
        request_id: the request's id, for answers whose provider gives it none.
        marks: whether what is worth caching is marked where that is Anthropic's dialect.

    Raises:
        ClientError: something in it cannot be carried (400).
    """
    lifted = lift(raw, secrets.token_hex(16))
    request = TRANSLATORS[dialect].read_request(
        read_whole(lifted.body).document if is_large(lifted.body) else orjson.loads(lifted.body)
    )
    way = crossing(request, model)
    written = TRANSLATORS[way.dialect].write_request(request, way.target)
    pieces: Sequence[Buffer] = (written.body,)
    if marks and way.dialect is Dialect.MESSAGES:
        pieces = marked(written.body)
    losses = written.losses if len(pieces) == 1 else (*written.losses, MARKED)
    body = lifted.restored(b"".join(pieces))
    changed = {
        ":path": model.path(way.dialect),
        "content-length": str(sum(map(len, body))),
        "content-type": JSON_TYPE,
    }
    if losses:
        changed[TRANSLATION] = told(losses)
    echo = Echo(
        request=request,
        model=model.model_id,
        created=created,
        request_id=request_id,
        tool_names=written.tool_names,
    )
    way_back = WayBack(way.dialect, echo)
    return TranslatedRequest(changed, DIALECTS[dialect].own_headers, body, way_back)


class WayBack:
    """What turns the answer to one request into the client's dialect."""

    def __init__(self, provider: Dialect, echo: Echo) -> None:
        """
        Args:
            provider: the dialect of the answer.
            echo: what the answer must know of the request.
        """
        client = echo.request.dialect
        self._client = TRANSLATORS[client]
        self._provider = TRANSLATORS[provider]
        self._id_header = DIALECTS[client].id_header
        self._provider_id = DIALECTS[provider].id_header
        self._echo = echo

    @property
    def streamed(self) -> bool:
        """Whether the client asked for a stream."""
        return self._echo.request.streamed

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """What every answer's headers become: the client's SDK finds the id where it looks."""
        return {self._id_header: headers.get(self._provider_id, self._echo.request_id)}

    @property
    def removed(self) -> list[str]:
        """The headers that belong to the provider's form of the answer."""
        theirs = {"content-encoding", "content-length", self._provider_id}
        return sorted(theirs - {self._id_header})

    def whole(self, status: int, body: bytes) -> tuple[int, bytes]:
        """A whole answer, or an error, for the client: its status and its body."""
        if not is_success(status):
            return self._error(self._provider.read_error(status, body), status)
        if self.streamed:
            return self._error(Failure("A stream was asked for, but the answer is none."), 502)
        answer = self._provider.read_answer(body)
        if isinstance(answer, Answer):
            return 200, self._client.write_answer(answer, self._echo)
        return self._error(answer, 502)

    def _error(self, failure: Failure, status: int) -> tuple[int, bytes]:
        return status, self._client.write_error(failure, self._echo.request_id)

    def stream(self, heard: Callable[[bytes], None]) -> TranslatedStream:
        """An answer that is a stream; ``heard`` is called with the data of each of its events."""
        reader, writer = self._provider.stream_reader(), self._client.stream_writer(self._echo)
        return TranslatedStream(reader, writer, heard)


class TranslatedStream:
    """Turns a provider's stream into the client's, piece by piece."""

    def __init__(
        self, reader: StreamReader, writer: StreamWriter, heard: Callable[[bytes], None]
    ) -> None:
        """
        Args:
            reader: reads the provider's events.
            writer: writes the client's.
            heard: is called with the data of each event that comes.
        """
        self._events = EventReader()
        self._reader = reader
        self._writer = writer
        self._heard = heard

    def feed(self, piece: bytes) -> bytes:
        """What the client is sent for a piece.

        Raises:
            ClientError: an event is too large to be held (502).
        """
        written = b"".join(self._written(piece))
        check_held(self._events.held)
        return written

    def _written(self, piece: bytes) -> Iterator[bytes]:
        for data in self._events.feed(piece):
            self._heard(data)
            for event in self._reader.read(data):
                yield self._writer.write(event)

    def end(self) -> bytes:
        """What the client is sent when the provider's stream has ended."""
        return b"".join(map(self._writer.write, self._reader.end()))

    def stalled(self) -> bytes:
        """What ends the client's stream when nothing comes any more."""
        message = "The stream fell silent and was ended."
        return self._writer.write(Failed(Failure(message, kind="server_error")))
