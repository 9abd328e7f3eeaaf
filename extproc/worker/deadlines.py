"""How long the attempts of one request are waited for, and when its client gives up.

Three parties keep time. Envoy's router at ingress bounds whole answers over all attempts, the
router of the attempt listener bounds one attempt, the gate bounds how long it holds a stream. Each
is told here, in headers; a header that is not set means no limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from extproc.contract import (
    ANSWER_WITHIN,
    ATTEMPT_TIMEOUT,
    DEADLINE,
    GATED,
    HEADERS_WITHIN,
    HEDGED,
    HEDGES,
    HURRIED,
    IDLE,
    REQUEST_TIMEOUT,
    SDK_DEADLINES,
    TERMS,
)
from extproc.core.faults import Fault
from extproc.core.timeouts import Timeouts, in_milliseconds
from extproc.errors import ClientError
from extproc.worker.exchange import ProtocolError

__all__ = [
    "ATTEMPT_HEADERS",
    "DEADLINE_PASSED",
    "Deadline",
    "GateTerms",
    "Terms",
    "deadline_of",
    "passed",
]

DEADLINE_PASSED: Final = "deadline"
"""The code of our reply to a client whose time has run out."""

ATTEMPT_HEADERS: Final = (ANSWER_WITHIN, GATED, HEADERS_WITHIN, HURRIED)
"""What :meth:`Terms.of_attempt` may set; what it does not set must not be left of another one."""

_MARGIN: Final = 0.1
_LARGEST_MARGIN: Final = 1.0
"""By so much (a share of the time, but not more seconds than these) the answer comes before the
client gives up, for it began to count before its request was here."""
_LONGEST: Final = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a client must have been answered, in seconds since the epoch.

    ``asked`` is whether it asked for that in our own header. An SDK's timeout has done its work
    when headers arrive, for then it waits anew; whoever names a deadline wants content by then.
    """

    at: float
    asked: bool = False

    def left(self, now: float) -> float:
        """The seconds that are left.

        Raises:
            ClientError: there are none (504).
        """
        left = self.at - now
        if left <= 0:
            raise passed()
        return left


def passed() -> ClientError:
    """The answer to a client whose deadline has come."""
    return ClientError(
        504, "No model answered within the time that this request allows.", code=DEADLINE_PASSED
    )


def deadline_of(headers: Mapping[str, str], began: float) -> Deadline | None:
    """When the client of a request must have been answered, None if it does not say.

    Args:
        headers: the request's.
        began: when they came, in seconds since the epoch.

    Raises:
        ClientError: our own header says something else than milliseconds (400). What an SDK says
            is not its user's words, so that is not refused.
    """
    own = headers.get(DEADLINE)
    if own is not None:
        seconds = _number(own) / 1000 if own.isdecimal() else 0.0
        if not seconds:
            raise ClientError(
                400,
                f"{DEADLINE} must be a whole number of milliseconds, from 1 to seven days.",
                reason=Fault.INVALID_DEADLINE,
            )
        return Deadline(began + _without_margin(seconds), asked=True)
    told = [seconds for name in SDK_DEADLINES if (seconds := _number(headers.get(name, "")))]
    return Deadline(began + _without_margin(min(told))) if told else None


def _number(text: str) -> float:
    """0 for what is no number of a sensible size."""
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 < number <= _LONGEST * 1000 else 0.0


def _without_margin(seconds: float) -> float:
    return seconds - min(seconds * _MARGIN, _LARGEST_MARGIN)


@dataclass(frozen=True, slots=True)
class GateTerms:
    """How long the gate may hold a stream.

    ``patience`` is in seconds, from the response headers to the first content; None is no limit.
    ``deadline`` is the client's, in seconds since the epoch. ``longest`` is for how many seconds it
    holds a stream on from its content, to its end; None: it does not.
    """

    patience: float | None
    deadline: float | None = None
    longest: float | None = None

    def encode(self) -> str:
        """As a header's value."""
        return ";".join(map(_written, (self.patience, self.deadline, self.longest)))

    @classmethod
    def decode(cls, value: str) -> GateTerms:
        """What :meth:`encode` made a value of.

        Raises:
            ProtocolError: it is no such value.
        """
        return cls(*_fields(value, 3))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request's attempts are bounded by; ``hold`` is whether its streams are held to their
    end. ``hedge_after`` is for how many seconds an attempt may show nothing before the next one is
    made at its side, None: that one is made only when this one has failed."""

    timeouts: Timeouts
    deadline: Deadline | None = None
    hold: bool = False
    hedge_after: float | None = None

    def of_request(self, now: float, *, streamed: bool, longest: float) -> dict[str, str]:
        """For ingress's router, and for all attempts.

        Args:
            now: seconds since the epoch.
            streamed: whether the answer is a stream, which may go on for as long as it likes.
            longest: how long an answer may take anyway, in seconds.

        Raises:
            ClientError: the client's deadline has passed (504).
        """
        headers = {IDLE: in_milliseconds(self.timeouts.stream_idle)} if streamed else {}
        if self.hedge_after is not None:
            headers |= {
                HEDGED: "1",
                HEDGES: "true",
                ATTEMPT_TIMEOUT: in_milliseconds(self.hedge_after),
            }
        if self.deadline is not None:
            left = self.deadline.left(now)
            if not streamed and left < longest:
                headers[REQUEST_TIMEOUT] = in_milliseconds(left)
        return headers

    def of_attempt(self, now: float, *, streamed: bool, last: bool) -> dict[str, str]:
        """For the attempt listener's router and the gate.

        Args:
            now: seconds since the epoch.
            streamed: whether the answer is a stream.
            last: whether no other candidate is left: then only the client's deadline counts.

        Raises:
            ClientError: the client's deadline has passed (504).
        """
        left = None if self.deadline is None else self.deadline.left(now)
        if not streamed:
            # Ingress ends it at the deadline, over all attempts.
            return {} if last else {ANSWER_WITHIN: in_milliseconds(self.timeouts.answer)}
        headers: dict[str, str] = {}
        if not last:
            headers[HEADERS_WITHIN] = in_milliseconds(self.timeouts.attempt)
        if left is not None and (last or left < self.timeouts.attempt):
            headers |= {HEADERS_WITHIN: in_milliseconds(left), HURRIED: "1"}
        # Of those that race, the first to show content wins, not the first to send headers.
        races = self.hedge_after is not None
        if not last or races or self.hold or (self.deadline is not None and self.deadline.asked):
            patience = None if last else self.timeouts.first_content
            ends = None if self.deadline is None else self.deadline.at
            longest = self.timeouts.answer if self.hold else None
            headers[GATED] = GateTerms(patience, ends, longest).encode()
        return headers

    def of_shadow(self) -> dict[str, str]:
        """For a copy of the request, which nobody waits for."""
        return {ANSWER_WITHIN: in_milliseconds(self.timeouts.answer)}

    def encode(self) -> dict[str, str]:
        """As the header that later attempts read."""
        deadline = self.deadline
        ends = ("", "") if deadline is None else (_written(deadline.at), str(int(deadline.asked)))
        times = self.timeouts
        numbers = (times.attempt, times.first_content, times.answer)
        last = (str(int(self.hold)), _written(self.hedge_after))
        return {TERMS: ";".join((*map(_written, numbers), *ends, *last))}

    @classmethod
    def decode(cls, value: str) -> Terms:
        """What :meth:`encode` made a value of.

        Raises:
            ProtocolError: it is no such value.
        """
        attempt, first_content, answer, at, asked, hold, hedge_after = _fields(value, 7)
        if attempt is None or first_content is None or answer is None:
            raise ProtocolError(f"no terms: {value}")
        deadline = None if at is None else Deadline(at, asked=bool(asked))
        timeouts = Timeouts(attempt, first_content, answer)
        return cls(timeouts, deadline, hold=bool(hold), hedge_after=hedge_after)


def _written(number: float | None) -> str:
    return "" if number is None else repr(number)


def _fields(value: str, count: int) -> tuple[float | None, ...]:
    fields = value.split(";")
    try:
        numbers = tuple(float(field) if field else None for field in fields)
    except ValueError:
        raise ProtocolError(f"no terms: {value}") from None
    if len(numbers) != count:
        raise ProtocolError(f"no terms: {value}")
    return numbers
