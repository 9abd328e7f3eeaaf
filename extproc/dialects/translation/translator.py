"""What a dialect must know to be translated from and to: one row of functions, and two small
state machines.

Everything here is pure: bytes or values in, bytes or values out. A request is read by the client's
dialect and written by the provider's; an answer is read by the provider's and written by the
client's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from extproc.core.models import Dialect
from extproc.core.traits import UNKNOWN, Traits
from extproc.dialects.translation.events import Event
from extproc.dialects.translation.form import Answer, Failure, Request
from extproc.dialects.translation.losses import Loss

__all__ = [
    "Adaptation",
    "Echo",
    "StreamReader",
    "StreamWriter",
    "Target",
    "Translator",
    "Written",
]


@dataclass(frozen=True, slots=True)
class Target:
    """The model that a request is written for.

    Args:
        model_id: what its provider calls it.
        provider: the provider's name (``openai``, ``azure_openai``, ``anthropic``, ``groq``…): some
            want older names of fields.
        traits: what the model takes.
        api_version: Anthropic's ``anthropic-version`` that the request will carry, "" elsewhere.
        default_max_tokens: the bound on an answer where the dialect demands one, the client gave
            none and the model's ceiling is not known.
    """

    model_id: str
    provider: str
    traits: Traits = UNKNOWN
    api_version: str = ""
    default_max_tokens: int = 8192


@dataclass(frozen=True, slots=True)
class Written:
    """A request in the provider's dialect. ``tool_names`` maps names that had to be changed to the
    client's own, for the answer."""

    body: bytes
    losses: tuple[Loss, ...] = ()
    tool_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What must change in a body of the same dialect for another model than the requested one.

    ``members`` are top-level members with new values (also such as were not there), ``removed``
    those to be taken out.
    """

    members: Mapping[str, Any] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    losses: tuple[Loss, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.members or self.removed)


@dataclass(frozen=True, slots=True)
class Echo:
    """What an answer must repeat of its request, or depends on.

    Args:
        request: as the client sent it.
        model: the name of the model that serves, as the client is to be told.
        created: seconds since the epoch: for dialects that demand a time where the provider told
            none.
        request_id: the request's id (Anthropic's error bodies repeat it).
        tool_names: see :class:`Written`.
    """

    request: Request
    model: str
    created: int
    request_id: str = ""
    tool_names: Mapping[str, str] = field(default_factory=dict)


class StreamReader(Protocol):
    """Reads a provider's stream. Events are bytes of JSON, cut out by ``sse.EventReader``."""

    def read(self, data: bytes) -> Iterable[Event]:
        """The events that the data of one server-sent event stands for.

        What cannot be understood as the dialect's is nothing, and never an error, unless it is
        no JSON object at all (``Failed``).
        """
        ...

    def end(self) -> Iterable[Event]:
        """The bytes have ended: what that stands for (``Failed`` when the dialect's own end is
        missing, nothing when it was there)."""
        ...


class StreamWriter(Protocol):
    """Writes a client's stream."""

    def write(self, event: Event) -> bytes:
        """What the client is sent for an event: whole server-sent events, perhaps none."""
        ...


@dataclass(frozen=True, slots=True)
class Translator:
    """One dialect's row.

    Args:
        dialect: which.
        read_request: the request in a client's body (already parsed). Raises ClientError (400) for
            what is malformed in a way that a translation cannot carry, with its place.
        adapt: what a client's body (already parsed) of this same dialect needs for a model that it
            was not written for.
        obstacles: losses that writing this request for this target would bring: all of severity
            SKIP and RELUCTANT, of the others those that are found on the way. Cheap, for
            eligibility.
        write_request: the request in this dialect, with all losses (the obstacles too: RELUCTANT
            parts are dropped then). Raises ClientError (400) where history cannot be carried.
        read_answer: a whole answer in a provider's body, or the failure that it tells (also where
            it is no answer).
        write_answer: its bytes for a client of this dialect.
        read_error: a body of status 400 or more.
        write_error: its bytes for a client of this dialect, given the request's id.
        stream_reader, stream_writer: make the state machines for one stream.
        is_mixed: whether the history of a body has something of another dialect's provider, which
            this dialect's own may refuse: ``adapt`` takes it out.
    """

    dialect: Dialect
    read_request: Callable[[Mapping[str, Any]], Request]
    adapt: Callable[[Mapping[str, Any], Target], Adaptation]
    obstacles: Callable[[Request, Target], tuple[Loss, ...]]
    write_request: Callable[[Request, Target], Written]
    read_answer: Callable[[bytes], Answer | Failure]
    write_answer: Callable[[Answer, Echo], bytes]
    read_error: Callable[[int, bytes], Failure]
    write_error: Callable[[Failure, str], bytes]
    stream_reader: Callable[[], StreamReader]
    stream_writer: Callable[[Echo], StreamWriter]
    is_mixed: Callable[[Mapping[str, Any]], bool]
