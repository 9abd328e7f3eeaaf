"""What ``weights`` says of a route: by which chance each of its models goes first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from extproc.config.fields import Name
from extproc.config.references import Directory
from extproc.core.problems import Problem, place
from extproc.core.routes import Weight

__all__ = ["Weights", "weights_of", "weights_problems"]


def _weight(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number above 0")
    weight = float(value)
    if not (math.isfinite(weight) and weight > 0):
        raise ValueError("must be a number above 0; leave out a model that shall not go first")
    return weight


_Weight = Annotated[
    float, BeforeValidator(_weight), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
]
Weights = Annotated[dict[Name, _Weight], Field(min_length=1)]


def weights_of(weights: Mapping[str, float], known: Directory) -> tuple[Weight, ...]:
    """What a valid mapping means, by the names of the models.

    Args:
        weights: as written.
        known: the declared models.
    """
    return tuple(Weight(known.find(name)[0], weight) for name, weight in weights.items())


def weights_problems(
    weights: Mapping[str, float], models: Sequence[str], known: Directory, *path: str | int
) -> Iterator[Problem]:
    """Names that are no model of the route, and those that are one model's.

    Args:
        weights: as written.
        models: the route's, as written.
        known: the declared models.
        path: where the mapping stands.
    """
    of_the_route = {found for model in models for found in known.find(model)[:1]}
    weighed: dict[str, str] = {}
    for name in weights:
        found = known.find(name)
        if len(found) != 1 or found[0] not in of_the_route:
            yield Problem(place(*path, name), f"'{name}' is not one of this route's models")
        elif found[0] in weighed:
            yield Problem(
                place(*path, name), f"is the same model as '{weighed[found[0]]}', weighed already"
            )
        else:
            weighed[found[0]] = name
