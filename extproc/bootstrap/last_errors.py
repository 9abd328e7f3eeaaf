"""Which error a client gets when all candidates have failed: the most useful one, not the last.

Ingress sees an attempt's error twice: before it decides whether to move on, and, if it was the
last, on its way to the client. A script at the first place keeps the best error so far in the
request's own metadata, with its body; one at the second puts it in the place of a worse one.
"""

from __future__ import annotations

from typing import Final

from extproc.bootstrap import lua
from extproc.bootstrap.on_failure import on_failure
from extproc.contract import ANOTHER_MAY, HEDGED, MODEL, RATE_LIMIT_HEADERS, TRANSLATION
from extproc.core.failover import DEFAULT_POLICY
from extproc.core.outcomes import Blame, outcome_of
from extproc.core.rate_limit_words import REFUSING_HEADERS
from extproc.dialects.table import DIALECTS
from extproc.envoy_api.messages import HttpFilter

__all__ = ["error_kept", "error_told"]

_NAMESPACE: Final = "dragoman.errors"
_FINAL, _SETUP, _OTHER, _SERVER_ERROR, _REFUSAL, _WITH_TIME = 0, 1, 2, 3, 4, 2
"""How much use an error is: least where only an operator can help, more where another request may,
and most where the same one may after a while that is named."""

_KEPT_HEADERS: Final = (
    ":status",
    "content-type",
    "content-encoding",
    "x-should-retry",
    MODEL,
    TRANSLATION,
    *RATE_LIMIT_HEADERS,
    *sorted({row.id_header for row in DIALECTS.values()}),
)


def error_kept(*, hedging: bool, limited: bool = False) -> HttpFilter:
    """The filter of the cluster that leads to attempts.

    Envoy 1.40 ends with a segmentation fault where this collects the body of an error while another
    attempt of the same request is under way, so nothing is kept of attempts that race.

    Args:
        hedging: whether some requests' attempts do.
        limited: whether there are limits, which errors then tell of.
    """
    return _filter("keep_failure", *(["not_of_a_race"] if hedging else ()), limited=limited)


def error_told(*, limited: bool = False) -> HttpFilter:
    """The filter of ingress.

    Args:
        limited: as in ``error_kept``.
    """
    return _filter("tell_failure", limited=limited)


def _filter(name: str, *more: str, limited: bool) -> HttpFilter:
    """The filter with one of the two scripts, and perhaps with more."""
    settings: dict[str, lua.Value] = {
        "namespace": _NAMESPACE,
        "another_may": ANOTHER_MAY,
        "model": MODEL,
        "kept_headers": (*_KEPT_HEADERS, *(REFUSING_HEADERS if limited else ())),
        "final": _FINAL,
        "server_error": _SERVER_ERROR,
        "other": _OTHER,
        "with_time": _WITH_TIME,
        "uses": _uses(),
        **({"hedged": HEDGED} if more else {}),
    }
    parts = (
        f"local settings = {lua.literal(settings)}",
        lua.source("failures"),
        lua.source(name),
        *map(lua.source, more),
    )
    return on_failure(lua.filter_of("\n".join(parts), f"dragoman.{name}"))


def _uses() -> dict[int, int]:
    """By status, but for the 5xx that are as any other."""
    uses = {status: _use(status) for status in DEFAULT_POLICY.statuses}
    return {status: use for status, use in uses.items() if status < 500 or use != _SERVER_ERROR}


def _use(status: int) -> int:
    match outcome_of(status).blame:
        case Blame.SETUP:
            return _SETUP
        case Blame.REFUSAL:
            return _REFUSAL
        case _:
            return _SERVER_ERROR
