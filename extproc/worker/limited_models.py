"""Models whose limits are used up: they are passed over, without an attempt that is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.core.models import Model
from extproc.core.rate_limit_words import EXCEEDED, refusing_headers
from extproc.core.rate_limits import RateLimit
from extproc.ranking.bars import Bar, Objection
from extproc.ranking.expectation import Expectation
from extproc.worker.used_up import UsedUp

__all__ = ["LimitedModels"]

_CODE: Final = "limited"
_TOO_MANY_REQUESTS: Final = 429


@dataclass(frozen=True, slots=True)
class _Wait:
    """A limit that is used up for one request, for so many seconds still."""

    limit: RateLimit
    seconds: int


@dataclass(frozen=True, slots=True)
class _LimitBar:
    waits: tuple[_Wait, ...]

    def against(self, model: Model, expectation: Expectation) -> Objection | None:
        route = None if expectation.route is None else expectation.route.name
        against = [
            wait
            for wait in self.waits
            if wait.limit.covers(model.name) and wait.limit.covers_route(route)
        ]
        longest = max(against, key=lambda wait: wait.seconds, default=None)
        return None if longest is None else _objection(longest)


def _objection(wait: _Wait) -> Objection:
    return Objection(
        _CODE,
        f"the rate limit {wait.limit.in_words} is used up for another {wait.seconds} s",
        _TOO_MANY_REQUESTS,
        retry_after=wait.seconds,
        error_code=EXCEEDED,
        headers=refusing_headers(wait.limit, wait.seconds),
    )


class LimitedModels:
    """Bars models by what is known of their limits."""

    def __init__(self, limits: Iterable[RateLimit], used_up: UsedUp) -> None:
        """
        Args:
            limits: the configuration's.
            used_up: which of them are used up.
        """
        self._limits = [limit for limit in limits if limit.is_of_models and not limit.is_local]
        self._used_up = used_up

    async def bars(self, headers: Mapping[str, str], tenant: str | None) -> Sequence[Bar]:  # noqa: ARG002 - a limit names its own header
        """See :class:`extproc.worker.governors.Governor`."""
        if not self._used_up:
            return ()
        waits = tuple(self._waits(headers))
        return (_LimitBar(waits),) if waits else ()

    def _waits(self, headers: Mapping[str, str]) -> Iterable[_Wait]:
        for limit in self._limits:
            bucket = limit.bucket(headers)
            seconds = None if bucket is None else self._used_up.wait(limit, bucket)
            if seconds is not None:
                yield _Wait(limit, seconds)
