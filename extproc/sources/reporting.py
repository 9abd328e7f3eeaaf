"""What the log says of prices and latencies: each thing once, until it changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from extproc.core.config import Config
from extproc.ranking.policies import POLICIES, Compares
from extproc.ranking.snapshot import Price
from extproc.sources.feed import Held, LatencyFeed, Outcome, PriceFeed
from extproc.sources.listing import Fault, quoted

__all__ = ["LatencyReport", "PriceReport"]

_log = logging.getLogger(__name__)

_FEW = 3


def _amounts(price: Price) -> str:
    return f"${price.input:g} in, ${price.output:g} out per million tokens"


def _wanted(config: Config, compared: Compares) -> frozenset[str]:
    """The models of those routes whose policy compares this."""
    return frozenset(
        name
        for route in config.routes
        if POLICIES[route.prefer].compares is compared
        for name in route.models
    )


def _some(words: Sequence[str]) -> str:
    """The first of them, whatever they hold: a source is not to be trusted with our log."""
    more = len(words) - _FEW
    return ", ".join(map(quoted, words[:_FEW])) + (f" and {more} more" if more > 0 else "")


class _Report:
    def __init__(self, label: str) -> None:
        self._label = label
        self._said: dict[tuple[str, ...], object] = {}

    def _news(self, what: object, *about: str) -> bool:
        """Whether this is not what was said of it last."""
        known = about in self._said and self._said[about] == what
        self._said[about] = what
        return not known

    def _fetched(self, count: int) -> None:
        if self._news(True, "fetched"):
            _log.info("fetched %s: %d models", self._label, count)
        else:
            _log.debug("refreshed %s: %d models", self._label, count)

    def _faults(self, faults: Iterable[Fault]) -> None:
        found = [*faults]
        if self._news(found, "faults") and found:
            shown = "; ".join(map(str, found[:_FEW]))
            _log.warning("%s: %d left out or doubtful: %s", self._label, len(found), shown)


class PriceReport(_Report):
    """Says which entry each model took, which have none, and which prices are held back."""

    def __init__(self, label: str, config: Config) -> None:
        super().__init__(label)
        self._ranked = _wanted(config, Compares.PRICES)
        self._held: dict[str, Held] = {}

    def tell(self, feed: PriceFeed, outcome: Outcome) -> None:
        """Log what a refresh changed."""
        self._faults(feed.faults)
        if outcome is not Outcome.OK:
            return
        self._fetched(feed.listed)
        for name in feed.models.named:
            self._model(name, feed)
        for name in sorted(feed.held.keys() | self._held.keys()):
            self._waiting(name, feed)
        self._held = dict(feed.held)

    def _model(self, name: str, feed: PriceFeed) -> None:
        matches = feed.matches
        if name in matches.taken:
            found = matches.taken[name]
            if self._news((found.entry.key, found.key), "model", name):
                price = _amounts(feed.prices[name])
                key = quoted(found.entry.key)
                _log.info("%s: price of %s, by %s: %s", name, key, found.key, price)
        elif name in matches.ambiguous:
            keys = matches.ambiguous[name]
            if self._news(keys, "model", name):
                message = "no cost data for %s%s: several entries fit, at different prices: %s; %s"
                choose = "say which in model_aliases"
                _log.warning(message, name, self._effect(name), _some(keys), choose)
        elif self._news(None, "model", name):
            similar = matches.similar.get(name)
            hint = f"; is it {quoted(similar)}? Say so in model_aliases" if similar else ""
            _log.warning("no cost data for %s%s%s", name, self._effect(name), hint)

    def _effect(self, name: str) -> str:
        return " — ranking last (prefer: cheapest)" if name in self._ranked else ""

    def _waiting(self, name: str, feed: PriceFeed) -> None:
        held = feed.held.get(name)
        if held is None and name in feed.prices:
            _log.info("%s: price is %s", name, _amounts(feed.prices[name]))
        elif held is not None and held != self._held.get(name):
            _log.warning(
                "%s: price jumped from %s to %s; held back until the next refresh confirms it",
                name,
                _amounts(held.instead_of),
                _amounts(held.price),
            )


class LatencyReport(_Report):
    """Says which models of routes that prefer the fastest have no latency, and which latencies are
    of no model."""

    def __init__(self, label: str, config: Config) -> None:
        super().__init__(label)
        self._ranked = sorted(_wanted(config, Compares.LATENCIES))

    def tell(self, feed: LatencyFeed, outcome: Outcome) -> None:
        """Log what a refresh changed."""
        self._faults(feed.faults)
        if outcome is not Outcome.OK:
            return
        self._fetched(feed.listed)
        for name in self._ranked:
            value = feed.latencies.get(name)
            if self._news(value is None, "model", name) and value is None:
                _log.warning("no latency data for %s — ranking last (prefer: fastest)", name)
        if self._news(feed.unknown, "unknown") and feed.unknown:
            names = _some(feed.unknown)
            _log.warning("%s: model_name matches no model of ours: %s", self._label, names)
