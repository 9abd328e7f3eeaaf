"""What is told of a request after the fact: the decision, each attempt, and how it ended.

Workers and Envoy's access log tell the observer, which learns from it and remembers it for a while.
Times of day are in seconds since the epoch, durations in seconds, money in US dollars.

They are structs of msgspec rather than dataclasses: each request makes several, with up to forty
fields, and a frozen dataclass takes six times as long to make.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import force_setattr

from extproc.contract import SHADOW_ATTEMPT
from extproc.core.budgets import Reservation
from extproc.core.intents import Intent
from extproc.core.models import Dialect, Model
from extproc.core.outcomes import AttemptOutcome, StreamEnd, outcome_of
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference
from extproc.core.switching import Switch
from extproc.core.tracing import RequestSpan
from extproc.core.usage import Usage

__all__ = [
    "Attempt",
    "Completion",
    "DecisionRecord",
    "Ranked",
    "Skipped",
    "Unserved",
]

M = TypeVar("M", Model, str)

_NO_INTENT = Intent(route=None)
_NO_OUTCOME = AttemptOutcome()


class Ranked(Struct, Generic[M], frozen=True):
    """One candidate of a decision and the number that it was ranked by.

    ``model`` is the model itself while a request is decided, and its name in what is told of that.
    ``value`` is in US dollars (``cheapest``: per million tokens, or of this request, as the route's
    cost basis says) or seconds (``fastest``), None if it is unknown or the policy compares nothing.
    ``measured_at`` is when its source gave it. ``cooldown`` is why the model went behind the others
    (or ``probe``: that it was chosen to see whether it recovered). ``explored`` says that it was
    chosen to be measured, ``drawn`` that the route's weights chose it. ``reluctant`` is the code of
    what its translation would lose and others carry: it went behind those. ``ineligible`` is why it
    went behind those that can hold the request or take what is in it.
    """

    model: M
    value: float | None = None
    measured_at: float | None = None
    cooldown: str | None = None
    explored: bool = False
    reluctant: str | None = None
    ineligible: Ineligible | None = None
    drawn: bool = False

    def called(self, name: str) -> Ranked[str]:
        """The same with its model's name."""
        return Ranked(
            name,
            self.value,
            self.measured_at,
            self.cooldown,
            self.explored,
            self.reluctant,
            self.ineligible,
            self.drawn,
        )


class Skipped(Struct, frozen=True):
    """A model that is no candidate: the request cannot be translated for it, or it may not be tried
    for it now. ``code`` is a token for programs (``skipped:audio``, ``limited``), ``reason`` is for
    people."""

    model: str
    code: str
    reason: str


class DecisionRecord(Struct, frozen=True):
    """One decision, as its worker tells it.

    ``dialect`` is None only in what stands in for a decision that was never made (see
    :mod:`extproc.telemetry.undecided`).
    ``candidates`` are in the order of the attempts; there are none where guards did not let the
    request pass, or no model may be tried for it. Where the request can be translated for none
    of the route's models, the only one is the requested model, and ``unfit`` is true. ``route`` is
    the one that decided, None if none did; ``intent`` is what was said of it, ``failure`` why
    nothing could be. ``session_id`` is the client's, ``session_key`` what its pin is kept under.
    ``tenant`` is whose request it is, where the configuration says which header tells.
    ``switch`` is what was judged of a session that may change its model, None where there was
    nothing to judge. ``config`` is the fingerprint of the configuration that it was decided under.
    ``forwarded`` is the path of a request that went on by names alone, without being routed; None
    for one to an endpoint. ``kept`` is whether clients may go on from the answer by its id.
    ``span`` is None where requests are not traced. ``hedge_after`` is for how long a candidate may
    show nothing before the next one is asked besides it, None: that never happens. ``shadow`` is
    the model that gets a copy of the request, None if none does. ``reservations`` are what was set
    aside for it of budgets. ``diverted_to`` is the route or the model that it goes to since none of
    its own models may be tried.
    """

    request_id: str
    trace_id: str
    at: float
    dialect: Dialect | None
    requested_model: str | None
    candidates: tuple[Ranked[str], ...]
    skipped: tuple[Skipped, ...] = ()
    unfit: bool = False
    route: str | None = None
    intent: Intent = _NO_INTENT
    failure: str | None = None
    prefer: Preference = Preference.NONE
    cost_basis: CostBasis = CostBasis.TOTAL
    snapshot: int = 0
    session_id: str | None = None
    session_key: str | None = None
    pinned: bool = False
    streamed: bool = False
    decision_only: bool = False
    decision_seconds: float = 0.0
    classification_seconds: float | None = None
    forwarded: str | None = None
    kept: bool = False
    config: str = ""
    span: RequestSpan | None = None
    tenant: str | None = None
    switch: Switch | None = None
    hedge_after: float | None = None
    reservations: tuple[Reservation, ...] = ()
    diverted_to: str | None = None
    shadow: str | None = None


class Attempt(Struct, frozen=True):
    """One attempt at one candidate, as Envoy's access log tells it.

    ``number`` counts from 1; 0 is that of a copy, which goes to the route's shadow. ``cluster`` is
    the Envoy cluster: the model's entry in the configuration, which for a wildcard covers many
    models. ``status`` is 0 if the client went away
    before there was one. ``details`` and ``flags`` are Envoy's. ``first_byte`` and ``duration`` run
    from the start of the attempt. ``retry_after`` is for how long the provider asked to be left
    alone. ``translation`` are the codes of what its request was not carried of as the client wrote
    it (``dropped:seed``). ``forwarded`` is whether its request went on by names alone: it tells
    nothing of how the model does its work. ``made`` are ids by which clients may ask for what was
    made. ``streamed`` is whether a stream was asked for. ``hurried`` is whether its client's
    deadline left it less time than it would have had. ``stream_end`` is how its stream ended,
    None if it was none or lost its connection, or if that is not known. ``reported_model`` is what
    the answer calls the model that made it, ``finish_reasons`` are why that one stopped; both are
    only looked for where requests are traced. ``hedged`` is whether others of its request may have
    been under way at the same time, and ``lost`` whether it was one of these that was answered.
    ``shown_after`` is how long it took until there was something to show to the client: a whole
    answer, or the first content of a stream; None if there was nothing, or if that is not known.
    ``limit`` is the name of the limit of ours that has refused it, None if none did.
    ``outcome`` is what all that means: it is asked for some twenty times.
    """

    request_id: str
    number: int
    model: str
    cluster: str
    at: float
    status: int
    duration: float
    first_byte: float | None = None
    details: str = ""
    flags: str = ""
    usage: Usage = Usage()
    retry_after: float | None = None
    translation: tuple[str, ...] = ()
    forwarded: bool = False
    made: tuple[str, ...] = ()
    streamed: bool = False
    hurried: bool = False
    stream_end: StreamEnd | None = None
    reported_model: str | None = None
    finish_reasons: tuple[str, ...] = ()
    hedged: bool = False
    lost: bool = False
    shown_after: float | None = None
    limit: str | None = None
    outcome: AttemptOutcome = _NO_OUTCOME

    def __post_init__(self) -> None:
        outcome = outcome_of(
            self.status,
            self.details,
            self.flags,
            hurried=self.hurried,
            end=self.stream_end,
            lost=self.lost,
        )
        force_setattr(self, "outcome", outcome)

    @property
    def is_shadow(self) -> bool:
        """Whether a copy of the request was sent, whose answer nobody has got."""
        return self.number == SHADOW_ATTEMPT

    @property
    def succeeded(self) -> bool:
        """Whether the provider answered, to the end."""
        return self.outcome.complete


class Unserved(Struct, frozen=True):
    """What a request asked for that went to no provider and did not end well.

    It may be all that is ever told of it. ``method`` is empty where HTTP has no such method,
    ``path``, which is without its query, where it could not be read. ``traceparent`` and
    ``tracestate`` are what it came with where requests are traced, else empty. ``requested_model``
    is what its client calls a model that was not found.
    """

    method: str
    path: str
    trace_id: str
    traceparent: str = ""
    tracestate: str = ""
    requested_model: str | None = None


class Completion(Struct, frozen=True):
    """The end of a request, as Envoy's access log at ingress tells it.

    ``attempts`` is 0 where nothing was sent to a provider. ``model`` and ``route`` are what the
    client was told. ``dialect`` is that of the path, None for one that has none. ``limit`` is the
    name of the limit of ours that has refused it, None if none did. ``unserved`` is None where a
    provider was asked, and where we have answered ourselves what was asked for.
    """

    request_id: str
    at: float
    status: int
    duration: float
    attempts: int
    model: str | None = None
    route: str | None = None
    details: str = ""
    flags: str = ""
    dialect: Dialect | None = None
    limit: str | None = None
    unserved: Unserved | None = None
