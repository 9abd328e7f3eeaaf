"""Whether a session may change its model: what the change costs, against its budget.

To stay costs the whole conversation at the price of cached input. To change costs the part that the
other model has not in its cache at the price of input, and the rest at that of cached input. The
difference is paid from a budget: a share of what the session's input would have cost with its first
model, which grows with each request while the cache is warm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from extproc.core.switching import CacheUse, RoutingBudget, SessionCosts, Switch, SwitchReason
from extproc.ranking.snapshot import Price

__all__ = ["WARM_FOR", "Moment", "carried_on", "judged", "unwarm"]

WARM_FOR: Final = 300.0
"""Seconds for which a provider's cache is taken to keep what it has read.
https://docs.claude.com/en/docs/build-with-claude/prompt-caching,
https://platform.openai.com/docs/guides/prompt-caching (5 to 10 minutes)"""

_MOST_CACHES: Final = 8
_PRICED_TOKENS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A request of a session: when it comes, in seconds since the epoch, how many tokens it has,
    and what tells its beginning from others."""

    now: float
    tokens: int
    prefix: str


def unwarm(costs: SessionCosts | None, moment: Moment) -> SwitchReason | None:
    """Why the cache of a session's model does not help a request, None if it does."""
    if costs is None or moment.now - costs.used_at > WARM_FOR:
        return SwitchReason.COLD
    return None if costs.prefix == moment.prefix else SwitchReason.DRIFTED


def judged(
    anchor: str,
    candidate: str,
    costs: SessionCosts,
    budget: RoutingBudget,
    moment: Moment,
    prices: Mapping[str, Price],
) -> Switch:
    """Whether a session whose cache is warm may change its model.

    Args:
        anchor: the session's model.
        candidate: the one that the request would go to without the session.
        costs: the session's account, this request not included.
        budget: what may be spent.
        moment: the request.
        prices: by the names of models.
    """
    stayed = costs.stayed + _cached(costs.first, moment, prices, budget)
    account = Switch(anchor, candidate, True, SwitchReason.NO_PRICING, None, costs.spent, stayed)
    if anchor not in prices or candidate not in prices:
        return account
    staying = _cached(anchor, moment, prices, budget)
    changing = _read(candidate, costs, moment, prices, budget)
    cost = changing - staying
    if cost <= 0:
        reason = SwitchReason.FREE
    elif costs.spent + cost <= budget.most * stayed:
        reason = SwitchReason.WITHIN_BUDGET
    else:
        reason = SwitchReason.OVER_BUDGET
    switched = reason is not SwitchReason.OVER_BUDGET
    counterfactual = staying if switched else changing
    return replace(
        account,
        switched=switched,
        reason=reason,
        cost=cost,
        counterfactual=counterfactual if budget.records_counterfactual else None,
    )


def carried_on(
    costs: SessionCosts | None,
    model: str,
    switch: Switch | None,
    budget: RoutingBudget | None,
    moment: Moment,
    prices: Mapping[str, Price],
) -> SessionCosts:
    """A session's account behind a request.

    Args:
        costs: the account before it, None for a session that begins.
        model: the model that the request goes to.
        switch: what was judged of it, None if it stays with its model.
        budget: what may be spent, None: nothing is reckoned.
        moment: the request.
        prices: by the names of models.
    """
    caches = _caches(costs, model, moment)
    rebinds = unwarm(costs, moment) is not None
    if costs is None or (rebinds and (budget is None or budget.replenishes)):
        return SessionCosts(model, moment.prefix, moment.now, caches=caches)
    switched = switch is not None and switch.switched
    spent = switch.cost if switch is not None and switched and switch.cost is not None else 0.0
    stayed = 0.0
    if budget is not None and not rebinds:
        stayed = _cached(costs.first, moment, prices, budget)
    return SessionCosts(
        costs.first,
        moment.prefix,
        moment.now,
        stayed=costs.stayed + stayed,
        spent=costs.spent + max(spent, 0.0),
        switches=costs.switches + switched,
        caches=caches,
    )


def _caches(costs: SessionCosts | None, model: str, moment: Moment) -> tuple[CacheUse, ...]:
    known = () if costs is None or costs.prefix != moment.prefix else costs.caches
    others = (each for each in known if each.model != model)
    return (*others, CacheUse(model, moment.now, moment.tokens))[-_MOST_CACHES:]


def _cached(
    model: str, moment: Moment, prices: Mapping[str, Price], budget: RoutingBudget
) -> float:
    """What a request's input costs from a model's cache; nothing where its price is not known."""
    price = prices.get(model)
    return 0.0 if price is None else _from_cache(price, moment, budget, moment.tokens)


def _read(
    model: str,
    costs: SessionCosts,
    moment: Moment,
    prices: Mapping[str, Price],
    budget: RoutingBudget,
) -> float:
    """What a request's input costs at a model that has perhaps a part of it in its cache."""
    warm = 0
    for use in costs.caches:
        if use.model == model and moment.now - use.used_at <= WARM_FOR:
            warm = min(use.tokens, moment.tokens)
    price = prices[model].of(moment.tokens)
    fresh = (moment.tokens - warm) * price.input / _PRICED_TOKENS
    return fresh + _from_cache(prices[model], moment, budget, warm)


def _from_cache(price: Price, moment: Moment, budget: RoutingBudget, tokens: int) -> float:
    price = price.of(moment.tokens)
    rate = price.cached_input
    if rate is None:
        rate = price.input * budget.cache_read_discount
    return tokens * rate / _PRICED_TOKENS
