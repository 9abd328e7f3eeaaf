"""What the end of an attempt means: for its request, for the model's cooldown, for the bill.

Envoy's retry policy is rendered from this table, and cooldowns, receipts, metrics and the
demonstration read it. It holds the cases; whoever asks decides what to do about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from extproc.contract import ERROR_DETAILS
from extproc.core.own_replies import (
    NO_CONTENT_IN_TIME,
    OF_LIMITS,
    VERDICTS,
    VERDICTS_ON_HELD,
    reply_code,
)
from extproc.core.response_flags import REQUEST_TIMEOUT, breaks_off, gives_up

__all__ = [
    "KEY_STATUSES",
    "AttemptOutcome",
    "Blame",
    "StreamEnd",
    "is_success",
    "outcome_of",
    "retried_statuses",
]

KEY_STATUSES: Final = (401, 402, 403)
"""What a provider says of the key that a request came with, or of the account behind it."""


class Blame(Enum):
    """What an attempt's end says against its model."""

    NONE = auto()
    """Nothing: the request, the client, or we ourselves are the reason."""
    IF_LATE = auto()
    """A failure if the attempt had all the time that one gets; else its client gave it up."""
    FAILURE = auto()
    """It failed: a few of these in a row are tolerated."""
    REFUSAL = auto()
    """It wants to be left alone: once is enough."""
    SETUP = auto()
    """It refuses the key, the account or the model's name: so it will until somebody mends that."""


class StreamEnd(StrEnum):
    """How a stream ended whose connection lasted."""

    FINISHED = "finished"
    ERROR = "error"
    """With an event that tells an error."""
    UNFINISHED = "unfinished"
    """Without what ends a complete stream in its dialect."""
    STALLED = "stalled"
    """It fell silent, and we ended it."""


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """What follows from the end of an attempt.

    ``moves_on`` says whether ingress tries the next candidate. ``costs`` is whether the provider
    will want money: it began to answer. ``complete`` is whether it answered to the end.
    ``given_up`` is whether nobody waited any longer for a provider that was still at work: it may
    want money for that, and does not tell.
    """

    moves_on: bool = False
    blame: Blame = Blame.NONE
    costs: bool = False
    complete: bool = False
    given_up: bool = False


_ANSWERED = AttemptOutcome(costs=True, complete=True)
_LOST = AttemptOutcome(costs=True)
"""Another attempt of its request answered first. What its provider had done by then it may want
money for, and does not tell."""
_BROKE_OFF = AttemptOutcome(blame=Blame.FAILURE, costs=True)
_NO_STATUS = AttemptOutcome(moves_on=True, blame=Blame.IF_LATE, given_up=True)
_OUT_OF_TIME = AttemptOutcome(moves_on=True, blame=Blame.FAILURE, given_up=True)
_BROKE_OFF_HELD = AttemptOutcome(moves_on=True, blame=Blame.FAILURE, costs=True)
_SERVER_FAULT = AttemptOutcome(moves_on=True, blame=Blame.FAILURE)
_SETUP_FAULT = AttemptOutcome(moves_on=True, blame=Blame.SETUP)
_REJECTED = AttemptOutcome()
"""The request is at fault (4xx), or the status is none that an API answers with."""

_STATUSES: Final = MappingProxyType(
    {
        0: _NO_STATUS,
        **dict.fromkeys(KEY_STATUSES, _SETUP_FAULT),
        404: _SETUP_FAULT,
        408: AttemptOutcome(moves_on=True, blame=Blame.FAILURE),
        409: AttemptOutcome(moves_on=True),
        410: _SETUP_FAULT,
        429: AttemptOutcome(moves_on=True, blame=Blame.REFUSAL),
        # Anthropic's "overloaded": https://docs.anthropic.com/en/api/errors
        529: AttemptOutcome(moves_on=True, blame=Blame.REFUSAL),
    }
)
"""The statuses that mean something else than the rest of their class."""

_CLASSES: Final = MappingProxyType({2: _ANSWERED, 5: _SERVER_FAULT})


_TIMED_OUT: Final = 504
"""What Envoy answers where it waits no longer."""


@lru_cache(maxsize=1024)
def outcome_of(
    status: int,
    details: str = "",
    flags: str = "",
    *,
    hurried: bool = False,
    end: StreamEnd | None = None,
    lost: bool = False,
) -> AttemptOutcome:
    """What the end of an attempt means. It is asked for many times per attempt, and few ends are
    unlike any other, so answers are remembered.

    Args:
        status: the HTTP status, 0 if there was none.
        details: Envoy's response code details.
        flags: Envoy's response flags by their short names, with commas between them.
        hurried: whether a timeout is that of its client, who left it less time than one gets.
        end: how its stream ended, None if it was none or if that is not known.
        lost: whether it was given up because another attempt answered first.
    """
    if lost:
        return _LOST
    if hurried and REQUEST_TIMEOUT in flags.split(","):
        return _NO_STATUS
    code = reply_code(details)
    if code in VERDICTS_ON_HELD:
        return _BROKE_OFF_HELD
    if details.startswith(ERROR_DETAILS) or details in OF_LIMITS:
        return _ours(status)
    if code is not None and code not in VERDICTS:
        return _ours(status)
    broken = end not in (None, StreamEnd.FINISHED)
    if is_success(status) and (broken or breaks_off(flags)):
        return _BROKE_OFF
    timed_out = status == _TIMED_OUT and gives_up(flags)
    if timed_out or code == NO_CONTENT_IN_TIME:
        return _OUT_OF_TIME
    return _by_status(status)


def _by_status(status: int) -> AttemptOutcome:
    return _STATUSES.get(status) or _CLASSES.get(status // 100, _REJECTED)


def _ours(status: int) -> AttemptOutcome:
    """No provider has said this, whatever its status: only Envoy goes by that, to move on."""
    return AttemptOutcome(moves_on=_by_status(status).moves_on)


def is_success(status: int) -> bool:
    """Whether a status promises an answer."""
    return _by_status(status).costs


def retried_statuses() -> tuple[int, ...]:
    """The statuses below 500 after which ingress tries the next candidate; so it does after every
    5xx."""
    return tuple(
        status for status, outcome in _STATUSES.items() if 0 < status < 500 and outcome.moves_on
    )
