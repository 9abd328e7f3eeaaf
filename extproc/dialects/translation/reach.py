"""Which candidates can be reached with a request: those of its dialect as it is, the others if a
translation carries it faithfully."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from extproc.core.models import Dialect, Model
from extproc.core.records import Skipped
from extproc.dialects.translation.crossing import Crossing, crossing
from extproc.dialects.translation.table import TRANSLATORS
from extproc.errors import ClientError

__all__ = ["Reach", "reach"]


@dataclass(frozen=True, slots=True)
class Reach:
    """The candidates that can be reached, in their order, and those that cannot.

    ``reluctant`` are names of candidates that a translation serves less well than others are
    served, which they belong behind, each with the code of what it would lose; empty where that
    goes for all.
    """

    models: tuple[Model, ...]
    reluctant: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()


def reach(dialect: Dialect, document: Mapping[str, Any], models: Sequence[Model]) -> Reach:
    """Judge a request's candidates.

    Args:
        dialect: the client's.
        document: the client's body, parsed.
        models: the candidates, in their order.

    Raises:
        ClientError: the request cannot be understood, and none of the candidates speaks its
            dialect (400).
    """
    foreign = [model for model in models if not model.serves(dialect)]
    if not foreign:
        return Reach(tuple(models))
    try:
        request = TRANSLATORS[dialect].read_request(document)
    except ClientError as error:
        # Its own dialect's providers are the judges of it.
        if len(foreign) == len(models):
            raise
        return _without(
            models, [Skipped(model.name, "malformed", error.message) for model in foreign]
        )
    ways = {model.name: crossing(request, model) for model in foreign}
    found = _without(models, [_skipped(name, way) for name, way in ways.items() if way.skipped])
    reluctant = {
        model.name: lost
        for model in found.models
        if model.name in ways and (lost := ways[model.name].lost) is not None
    }
    return found if len(reluctant) == len(found.models) else replace(found, reluctant=reluctant)


def _skipped(name: str, way: Crossing) -> Skipped:
    why = "; ".join(f"{loss.path}: {loss.reason}" for loss in way.skipped)
    return Skipped(name, way.skipped[0].code, why)


def _without(models: Sequence[Model], skipped: Sequence[Skipped]) -> Reach:
    names = {one.model for one in skipped}
    able = tuple(model for model in models if model.name not in names)
    return Reach(able, skipped=tuple(skipped))
