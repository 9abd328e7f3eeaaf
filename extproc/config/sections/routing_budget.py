"""What ``routing.routing_budget`` says: what a session may spend on changing its model."""

from __future__ import annotations

from typing import ClassVar, Final

from extproc.config.fields import Entry, Percentage, Share
from extproc.core import switching as core

__all__ = ["RoutingBudget", "routing_budget"]

_DEFAULT: Final = core.RoutingBudget(most=0.0)
_ALL: Final = 100


class RoutingBudget(Entry):
    """How much of what a session's input costs may be spent on changing its model."""

    former: ClassVar = {
        "max_overhead_pct": "it is called max_switch_spend_pct",
        "seed_usd": "write max_switch_spend_pct, percent of what the session's input costs",
    }

    max_switch_spend_pct: Percentage
    replenish_on_rebind: bool = _DEFAULT.replenishes
    cache_read_discount: Share = _DEFAULT.cache_read_discount
    record_counterfactual: bool = _DEFAULT.records_counterfactual


def routing_budget(entry: RoutingBudget | None) -> core.RoutingBudget | None:
    """What such an entry means."""
    if entry is None:
        return None
    return core.RoutingBudget(
        most=entry.max_switch_spend_pct / _ALL,
        replenishes=entry.replenish_on_rebind,
        cache_read_discount=entry.cache_read_discount,
        records_counterfactual=entry.record_counterfactual,
    )
