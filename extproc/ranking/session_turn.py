"""A request of a session that may change its model: from that and its account to candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from extproc.core.models import Model
from extproc.core.switching import RoutingBudget, SessionCosts, Switch, SwitchReason
from extproc.ranking.lineup import Lineup
from extproc.ranking.snapshot import Price, Snapshot
from extproc.ranking.switching import Moment, carried_on, judged, unwarm

__all__ = ["SessionTurn"]


@dataclass(frozen=True, slots=True)
class SessionTurn:
    """What is known of a session when one of its requests comes.

    ``now`` is in seconds since the epoch, ``prefix`` tells what the request begins with from other
    beginnings. ``costs`` is the session's account, None if it begins. ``budget`` is what it may
    spend on changing its model, None: as much as it likes. ``replays`` is whether the person says
    nothing new, so that the session goes on with its model.
    """

    now: float
    prefix: str
    costs: SessionCosts | None = None
    budget: RoutingBudget | None = None
    replays: bool = False

    @property
    def is_warm(self) -> bool:
        """Whether the cache of the session's model has what the request begins with."""
        return unwarm(self.costs, Moment(self.now, 0, self.prefix)) is None

    def settled(
        self,
        anchor: Model,
        tokens: int,
        lined_up: Callable[[Model | None], Lineup],
        snapshot: Snapshot,
    ) -> tuple[Lineup, Switch | None]:
        """The request's candidates, with its session's model first where a change would cost too
        much.

        Args:
            anchor: the session's model.
            tokens: the request's size.
            lined_up: lines the candidates up, this model first.
            snapshot: what is known of the models.

        Returns:
            The lineup, and what was judged; None where both ways lead to the session's model.
        """
        free = lined_up(None)
        if not free.ranked or free.ranked[0].model.name == anchor.name:
            return free, None
        switch = self._judged(anchor, free, tokens, snapshot)
        if switch.switched:
            return free, switch
        held = lined_up(anchor)
        if held.ranked[0].model.name == anchor.name:
            return held, switch
        return free, replace(switch, switched=True, reason=SwitchReason.UNAVAILABLE)

    def _judged(self, anchor: Model, free: Lineup, tokens: int, snapshot: Snapshot) -> Switch:
        candidate = free.ranked[0].model.name
        moment = Moment(self.now, tokens, self.prefix)
        reason = unwarm(self.costs, moment)
        if anchor.name in free.objections or anchor.name in snapshot.cooldowns:
            reason = SwitchReason.UNAVAILABLE
        elif reason is None and self.budget is None:
            reason = SwitchReason.UNBUDGETED
        if reason is not None or self.costs is None or self.budget is None:
            return Switch(anchor.name, candidate, True, reason or SwitchReason.COLD)
        return judged(anchor.name, candidate, self.costs, self.budget, moment, snapshot.prices)

    def account(
        self, model: Model, switch: Switch | None, tokens: int, prices: Mapping[str, Price]
    ) -> SessionCosts:
        """The session's account behind this request.

        Args:
            model: the one that the request goes to.
            switch: what was judged.
            tokens: the request's size.
            prices: by the names of models.
        """
        moment = Moment(self.now, tokens, self.prefix)
        return carried_on(self.costs, model.name, switch, self.budget, moment, prices)
