"""Whether a request that has one model to go to may be sent there: what bounds, limits and budgets
say. Where the router chooses among several, it asks the same bars itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from extproc.core.budgets import Reservation
from extproc.core.models import Model
from extproc.core.requirements import Requirements
from extproc.ranking.bars import Bar, permit
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Snapshot
from extproc.worker.budgets import Budgets
from extproc.worker.governors import Governor, bars_for

__all__ = ["Admission"]

_BYTES_PER_TOKEN: Final = 4
"""English text has about so many; of other paths' bodies nothing more is known."""


class Admission:
    """Admits the requests of one worker."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot] = Snapshot,
        governors: Sequence[Governor] = (),
        budgets: Budgets | None = None,
    ) -> None:
        """
        Args:
            snapshot: returns what is known of the models at the moment.
            governors: have a say in which models a request may be sent to.
            budgets: what requests may spend, None where that is not bounded.
        """
        self._snapshot = snapshot
        self._governors = governors
        self._budgets = budgets

    def expectation(self, size: int) -> Expectation:
        """What a request is expected to take, by the size of its body in bytes."""
        requirements = Requirements(input_tokens=size // _BYTES_PER_TOKEN)
        return Expectation(None, self._snapshot(), lambda: requirements)

    async def admit(
        self,
        model: Model,
        headers: Mapping[str, str],
        tenant: str | None,
        size: int,
        bars: Sequence[Bar],
        *,
        governed: bool,
    ) -> tuple[Reservation, ...]:
        """What is set aside of budgets for a request that goes to a model.

        Args:
            model: the model.
            headers: the request's.
            tenant: whose request it is, None where no header tells.
            size: of its body, in bytes.
            bars: what keeps models from this request, besides what governors and budgets say.
            governed: whether these have a say.

        Raises:
            BarredError: the model may not be tried.
            ClientError: a governor refuses the request whatever model would serve it.
        """
        if governed and self._governors:
            bars = (*bars, *await bars_for(self._governors, headers, tenant))
        if not governed or self._budgets is None:
            if bars:
                permit(model, bars, self.expectation(size))
            return ()
        expectation = self.expectation(size)
        spending = await self._budgets.spending(tenant)
        permit(model, (*bars, spending), expectation)
        while not await spending.reserve((model,)):
            permit(model, (spending,), expectation)
        return spending.reservations
