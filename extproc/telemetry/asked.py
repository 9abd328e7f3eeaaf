"""Who was asked in the end, out of all that a request was tried with."""

from __future__ import annotations

from dataclasses import dataclass

from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.core.records import Attempt
from extproc.telemetry.receipt import Receipt

__all__ = ["Asked", "asked_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The attempt whose answer the client got, else the last one, None if there was none; and its
    model, or the one that would have been tried first; None if that is not declared any more."""

    attempt: Attempt | None
    model: Model | None

    @property
    def answered(self) -> bool:
        """Whether that model has begun to answer."""
        return self.attempt is not None and self.attempt.outcome.costs


def asked_of(receipt: Receipt, catalog: Catalog) -> Asked:
    """Who was asked in the end.

    Args:
        receipt: the request's.
        catalog: the declared models.
    """
    attempt = receipt.answer
    if attempt is None:
        attempt = receipt.last
    if attempt is not None:
        return Asked(attempt, catalog.declared(attempt.model))
    candidates = receipt.decision.candidates  # none where it was refused
    return Asked(None, catalog.declared(candidates[0].model) if candidates else None)
