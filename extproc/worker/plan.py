"""A request's plan, as it travels from ingress to the attempt listener in an internal header."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import orjson

from extproc.contract import SHADOW_ATTEMPT
from extproc.core.catalog import Catalog
from extproc.core.models import Dialect, Model
from extproc.errors import ClientError
from extproc.worker.exchange import ProtocolError

__all__ = ["InvalidPlanError", "Plan", "decode", "due", "encode"]

_in_ascii = json.JSONEncoder(separators=(",", ":")).encode


class InvalidPlanError(ProtocolError):
    """The plan header does not hold a plan of ours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What later attempts need to know of a request.

    ``candidates`` are names of models, in order. ``model_start`` and ``model_end`` are the byte
    offsets of the model's name in the body that ingress keeps, which is the first candidate's.
    ``query`` is the client's, without its question mark. ``adapted`` are the positions of the
    candidates for which more of the body must be changed than the model's name. ``shadow`` is the
    name of the model that gets a copy, empty if none does; its position is behind the candidates.
    ``marked`` says that models of Anthropic's dialect are sent marks of their prompt cache.
    """

    dialect: Dialect
    candidates: tuple[str, ...]
    streamed: bool
    model_start: int
    model_end: int
    query: str = ""
    adapted: tuple[int, ...] = ()
    shadow: str = ""
    marked: bool = False

    @property
    def marks_natively(self) -> bool:
        """Whether marks go into the client's own body, for each model that it is not translated
        for."""
        return self.marked and self.dialect is Dialect.MESSAGES

    def position(self, attempt: int) -> int:
        """The position of the candidate that is due; a single one is due again.

        Args:
            attempt: the attempt's number, from 1, or that of the copy.
        """
        if attempt == SHADOW_ATTEMPT:
            return len(self.candidates)
        return min(attempt, len(self.candidates)) - 1


def due(plan: Plan, attempt: int, catalog: Catalog) -> Model:
    """The model that is due at an attempt.

    Args:
        plan: the request's.
        attempt: the attempt's number, from 1, or that of the copy.
        catalog: the declared models.

    Raises:
        ClientError: it is not declared any more (503).
    """
    name = (*plan.candidates, plan.shadow)[plan.position(attempt)]
    model = catalog.declared(name)
    if model is None:
        raise ClientError(503, f"The model '{name}' is no longer available.")
    return model


def encode(plan: Plan) -> str:
    """The plan as a header value: ASCII, without line breaks."""
    fields = [
        plan.dialect,
        plan.streamed,
        plan.model_start,
        plan.model_end,
        plan.query,
        plan.adapted,
        plan.shadow,
        plan.marked,
        *plan.candidates,
    ]
    written = orjson.dumps(fields)
    text = written.decode() if written.isascii() else _in_ascii(fields)
    return text.replace("\x7f", r"\u007f")  # which is ASCII, but may stand in no header


def decode(value: str) -> Plan:
    """Read a plan header.

    Raises:
        InvalidPlanError: the value was not made by ``encode``.
    """
    try:
        fields = _list(json.loads(value))
        dialect, streamed, start, end, query, adapted, shadow, marked, *candidates = fields
        return Plan(
            dialect=Dialect(dialect),
            candidates=(str(candidates[0]), *map(str, candidates[1:])),
            streamed=bool(streamed),
            model_start=int(start),
            model_end=int(end),
            query=str(query),
            adapted=tuple(map(int, _list(adapted))),
            shadow=str(shadow),
            marked=bool(marked),
        )
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError) as error:
        raise InvalidPlanError(f"not a plan: {error}") from None


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list was expected")
    return value
