"""Who has a say in which models a request may be sent to: limits, budgets and bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from extproc.ranking.bars import Bar

__all__ = ["Governor", "bars_for"]


class Governor(Protocol):
    """Makes the bars of requests."""

    async def bars(self, headers: Mapping[str, str], tenant: str | None) -> Sequence[Bar]:
        """The bars of one request; empty where nothing bars it from any model.

        Args:
            headers: the request's, by their names in lower case.
            tenant: whose request it is, None where no header tells.

        Raises:
            ClientError: the request is refused whatever model would serve it.
        """
        ...


async def bars_for(
    governors: Sequence[Governor], headers: Mapping[str, str], tenant: str | None
) -> tuple[Bar, ...]:
    """The bars that all governors put before one request."""
    return tuple([bar for each in governors for bar in await each.bars(headers, tenant)])
