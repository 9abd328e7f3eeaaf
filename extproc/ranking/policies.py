"""Selection policies: each takes a route's candidates as declared and puts them in order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from extproc.config.values import Preference

__all__ = ["rank"]

T = TypeVar("T")
Policy: TypeAlias = Callable[[Sequence[T], random.Random], tuple[T, ...]]


def _as_declared(candidates: Sequence[T], _: random.Random) -> tuple[T, ...]:
    return tuple(candidates)


def _shuffled(candidates: Sequence[T], chance: random.Random) -> tuple[T, ...]:
    return tuple(chance.sample(candidates, len(candidates)))


_POLICIES: Mapping[Preference, Policy[object]] = MappingProxyType(
    {
        Preference.NONE: _as_declared,
        Preference.RANDOM: _shuffled,
        # Until prices and latencies are read; loading a configuration says so.
        Preference.CHEAPEST: _as_declared,
        Preference.FASTEST: _as_declared,
    }
)


def rank(candidates: Sequence[T], prefer: Preference, chance: random.Random) -> tuple[T, ...]:
    """Order candidates by a selection policy.

    Args:
        candidates: in declared order.
        prefer: the policy.
        chance: the source of randomness, for the policies that need one.
    """
    return _POLICIES[prefer](candidates, chance)  # type: ignore[return-value]
