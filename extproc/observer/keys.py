"""What the end of an attempt says of the key that it went with, and so of which models.

A key has an account behind it, which several models may share; with ``passthrough_auth`` it is the
client's own, and says nothing of what others may.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from extproc.core.accounts import Accounts
from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.core.outcomes import KEY_STATUSES
from extproc.core.records import Attempt

__all__ = ["Keys"]

_ABOUT_THE_KEY: Final = frozenset({*KEY_STATUSES, 404, 429})
"""Statuses that speak of the key that a request came with: of what is left on its account, or of
the models that it is for."""
_ABOUT_THE_ACCOUNT: Final = frozenset({401, 402})
"""Of these, those that every model of the account would answer."""


class Keys:
    """Whose keys the models of a configuration are asked with."""

    def __init__(self, models: Sequence[Model], catalog: Catalog) -> None:
        """
        Args:
            models: all that are configured.
            catalog: finds a model by its name.
        """
        self._catalog = catalog
        self._accounts = Accounts(models)
        self._models = [model for model in models if not model.is_wildcard]

    def are_clients_own(self, name: str) -> bool:
        """Whether a model is asked with its clients' keys."""
        model = self._catalog.declared(name)
        return model is not None and model.client_key is not None

    def blames_client(self, attempt: Attempt) -> bool:
        """Whether an attempt failed for the key that its client has, which others have not."""
        return attempt.status in _ABOUT_THE_KEY and self.are_clients_own(attempt.model)

    def concerned(self, attempt: Attempt) -> Iterator[Attempt]:
        """The attempt, and as if it had been theirs for the models that would have fared alike."""
        yield attempt
        model = self._catalog.declared(attempt.model)
        if model is None or attempt.status not in _ABOUT_THE_ACCOUNT:
            return
        account = self._accounts.of(model)
        for other in self._models:
            if other.name != model.name and self._accounts.of(other) is account:
                yield replace(attempt, model=other.name)
