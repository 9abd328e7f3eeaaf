"""Which candidates can be reached with a request: those of its dialect as it is, the others if a
translation carries it faithfully."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extproc.core.models import Dialect, Model
from extproc.dialects.translation.crossing import crossing
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Severity
from extproc.dialects.translation.table import TRANSLATORS
from extproc.errors import ClientError

__all__ = ["Reach", "Skipped", "reach"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A candidate that this request cannot be translated for. ``code`` is a token for programs,
    ``reason`` is for people."""

    model: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reach:
    """The candidates that can be reached, in their order, and those that cannot.

    One that a translation serves less well than the others do goes behind them.
    """

    models: tuple[Model, ...]
    skipped: tuple[Skipped, ...] = ()


def reach(dialect: Dialect, document: Mapping[str, Any], models: Sequence[Model]) -> Reach:
    """Judge a request's candidates.

    Args:
        dialect: the client's.
        document: the client's body, parsed.
        models: the candidates, in their order.
    """
    if all(model.serves(dialect) for model in models):
        return Reach(tuple(models))
    try:
        request = TRANSLATORS[dialect].read_request(document)
    except ClientError as error:
        return _natives(dialect, models, error)
    ready: list[Model] = []
    reluctant: list[Model] = []
    skipped: list[Skipped] = []
    for model in models:
        if model.serves(dialect):
            ready.append(model)
            continue
        _judge(request, model, ready, reluctant, skipped)
    return Reach((*ready, *reluctant), tuple(skipped))


def _judge(
    request: Request,
    model: Model,
    ready: list[Model],
    reluctant: list[Model],
    skipped: list[Skipped],
) -> None:
    way = crossing(request, model)
    if way.skipped:
        first = way.skipped[0]
        why = "; ".join(f"{loss.path}: {loss.reason}" for loss in way.skipped)
        skipped.append(Skipped(model.name, first.code, why))
    elif any(loss.severity is Severity.RELUCTANT for loss in way.obstacles):
        reluctant.append(model)
    else:
        ready.append(model)


def _natives(dialect: Dialect, models: Sequence[Model], error: ClientError) -> Reach:
    """Of a request that cannot be understood, its own dialect's providers are the judges.

    Raises:
        ClientError: there are none.
    """
    natives = tuple(model for model in models if model.serves(dialect))
    if not natives:
        raise error
    others = (model.name for model in models if not model.serves(dialect))
    return Reach(natives, tuple(Skipped(name, "malformed", error.message) for name in others))
