"""What only an operator can mend: a key, an account or a model's name that a provider refuses.

Such an attempt moves on to another model, so that nobody may notice for weeks that one of them is
of no use. It is told once, and again when it comes back after the model was well.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cachetools import LRUCache

from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.core.outcomes import Blame
from extproc.core.records import Attempt

__all__ = ["SetupProblems"]

_log = logging.getLogger(__name__)

_MOST_KNOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a provider says by a status, and what to do about it. One that is not ``of_the_key`` is
    of a model's name, which for a wildcard may be anything that a client thinks of."""

    words: str
    of_the_key: bool = False


_REFUSALS: Final[Mapping[int, _Refusal]] = MappingProxyType(
    {
        401: _Refusal(
            "does not accept {key}. Put a valid key there: one in .env is read at once, one in the "
            "environment after a restart.",
            True,
        ),
        402: _Refusal("wants to be paid first. Top up the account behind {key}.", True),
        403: _Refusal("refuses {key} this model. See what the account behind it is allowed."),
        404: _Refusal("does not know '{id}'. Check that name in its entry, and the base_url."),
        410: _Refusal("no longer has '{id}'. Name its successor in its entry."),
    }
)


class SetupProblems:
    """Tells the operator of models that are of no use until somebody acts."""

    def __init__(self, catalog: Catalog) -> None:
        """
        Args:
            catalog: the declared models.
        """
        self._catalog = catalog
        self._told: LRUCache[str, int] = LRUCache(_MOST_KNOWN)
        """The status that was told last, by what is refused."""

    def attempted(self, attempt: Attempt) -> None:
        """Learn of an attempt, and tell what is new about it."""
        refused = attempt.outcome.blame is Blame.SETUP and attempt.status in _REFUSALS
        taken_back = attempt.succeeded and self._told
        if not (refused or taken_back):
            return
        model = self._catalog.declared(attempt.model)
        if model is None:
            return
        if attempt.succeeded:
            for subject in _subjects(model):
                self._told.pop(subject, None)
            return
        refusal = _REFUSALS[attempt.status]
        subject = _subjects(model)[refusal.of_the_key]
        clients_idea = model.entry is not None and not refusal.of_the_key
        if clients_idea or self._told.get(subject) == attempt.status:
            return
        self._told[subject] = attempt.status
        _log.warning(
            "%s: its provider, %s, answers %d: it %s Until then its requests go to other models, "
            "where there are any.",
            *(model.name, model.endpoint.http_host, attempt.status),
            refusal.words.format(key=_key(model), id=model.model_id),
        )


def _subjects(model: Model) -> tuple[str, str]:
    """What is refused: a model, or the key that it shares with others."""
    key = model.credential.variable if model.credential else model.cluster
    return f"model {model.name}", f"key {key}"


def _key(model: Model) -> str:
    """The key by where it comes from, never by what it is."""
    if model.credential is None:
        return "requests without a key"
    return f"the key of ${model.credential.variable}"
