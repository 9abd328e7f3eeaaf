"""What there is to know of one dialect: all that sets it apart from the others, in one value.

A dialect is a module with such a value and a row in :mod:`extproc.dialects.table`. Whoever needs
something of a dialect asks its row, so that nobody has to tell dialects apart by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any, TypeAlias

import orjson

from extproc.core.conversation import Conversation
from extproc.errors import ClientError

__all__ = ["DialectSpec", "ErrorFormat", "Json", "Sign", "TokenCount"]

Json: TypeAlias = Mapping[str, Any]
"""A JSON object."""


class Sign(Enum):
    """What an event of a stream tells about the attempt that sent it."""

    NOTHING_YET = auto()
    CONTENT = auto()
    ERROR = auto()


class TokenCount(StrEnum):
    """What answers count, each under the key by which Envoy passes it on."""

    PROMPT = "prompt_tokens"
    """All that went in. In an answer that gives it, this and the next four are what counts of all
    that went in and came out."""
    COMPLETION = "completion_tokens"
    TOTAL = "total_tokens"
    """All that is billed: some providers leave what the model thinks out of ``COMPLETION`` only."""
    PROMPT_CACHED = "prompt_cached"
    """Of ``PROMPT``, what was read from the cache."""
    PROMPT_WRITTEN = "prompt_written"
    """Of ``PROMPT``, what was written to the cache."""

    INPUT = "input_tokens"
    """What went in, but for ``CACHE_READ`` and ``CACHE_WRITTEN`` where the answer gives them."""
    OUTPUT = "output_tokens"
    INPUT_CACHED = "input_cached"
    """Of ``INPUT``, what was read from the cache."""
    INPUT_WRITTEN = "input_written"
    """Of ``INPUT``, what was written to the cache."""
    CACHE_READ = "cache_read"
    CACHE_WRITTEN = "cache_written"
    CACHE_WRITTEN_1H = "cache_written_1h"
    """Of ``CACHE_WRITTEN``, what stays in the cache for an hour."""

    REASONING = "reasoning"
    """Of what came out, what the model thought."""
    INPUT_AUDIO = "input_audio"
    """Of what went in, what was audio."""
    OUTPUT_AUDIO = "output_audio"
    """Of what came out, what was audio."""


@dataclass(frozen=True, slots=True)
class ErrorFormat:
    """How a dialect says that a request failed.

    ``types`` are its words for the kinds of errors, by HTTP status; ``client_fault`` (below 500)
    and ``server_fault`` are those of all other statuses. ``document`` makes an error's body out of
    such a word and the error. ``local_reply`` does so for Envoy, out of such a word and a message,
    which may hold Envoy's command operators:
    https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/local_reply
    """

    types: Mapping[int, str]
    client_fault: str
    server_fault: str
    document: Callable[[str, ClientError], Json]
    local_reply: Callable[[str, str], Json]

    def type_of(self, status: int) -> str:
        """The dialect's word for the kind of error that an HTTP status stands for."""
        return self.types.get(status, self.client_fault if status < 500 else self.server_fault)

    def body(self, error: ClientError) -> bytes:
        """The JSON body of an error, as the dialect's own SDK expects it."""
        return orjson.dumps(self.document(self.type_of(error.status), error))


def _never(document: Json) -> bool:  # noqa: ARG001
    return False


@dataclass(frozen=True, slots=True)
class DialectSpec:
    """One dialect.

    ``endpoint`` is the path that clients post to; ``path_ending`` is how the path of this endpoint
    ends at every provider, whatever stands before it. ``conversation`` gives the turns of a request
    out of its parsed body, oldest first, empty when nothing was said in words; it raises a
    :class:`~extproc.errors.ClientError` (400) where the conversation is missing or of the wrong
    type. ``sign`` reads one event of a stream; an event that it does not know is content.

    ``id_header`` is the response header in which its SDKs look for the provider's id of a request.
    ``own_headers`` are request headers that mean something in this dialect only: they do not go
    along to a provider of another one.

    ``goes_on_from`` is the member of a request (names with dots between) that holds the id of an
    answer which its provider has kept, and which this request goes on from. ``keeps`` says of a
    request whether its answer may be gone on from so, or asked for by its id. ``lost`` is the code
    of the error upon which SDKs send the whole conversation, since nobody has that answer.

    ``finished`` are the types of the events that end a complete stream, ``failed`` those that tell
    an error; a dialect without ``finished`` ends its streams with an event that is no JSON, and its
    ``finishes`` says of an event whether it tells why the answer is complete.

    ``usage_paths`` say where answers, and events of streams, report tokens: names of members with
    dots between them. Where several of one count lead somewhere, the last one holds.
    """

    endpoint: str
    path_ending: str
    errors: ErrorFormat
    conversation: Callable[[Json], Conversation]
    sign: Callable[[Json], Sign]
    usage_paths: Mapping[TokenCount, tuple[str, ...]]
    id_header: str
    goes_on_from: str | None = None
    keeps: Callable[[Json], bool] = _never
    lost: str | None = None
    own_headers: tuple[str, ...] = ()
    finished: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    finishes: Callable[[Json], bool] = _never
