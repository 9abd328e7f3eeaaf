"""Which entries reach the same provider with the same key: what one made, the others find."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from extproc.core.models import Model

__all__ = ["Accounts"]


class Accounts:
    """The accounts behind the declared entries; the first entry of each stands for it."""

    def __init__(self, models: Iterable[Model]) -> None:
        first: dict[Hashable, Model] = {}
        self._of_cluster: Mapping[str, Model] = {
            model.cluster: first.setdefault(_account(model), model) for model in models
        }
        self.all = tuple(first.values())

    def of(self, model: Model) -> Model:
        """The entry that stands for the account of a declared model."""
        return self._of_cluster[model.cluster]


def _account(model: Model) -> Hashable:
    """What a provider tells accounts apart by, and what leads there."""
    return (
        model.endpoint,
        tuple(sorted(model.paths.items())),
        model.credentials,
        model.client_key,
        tuple(sorted(model.headers.items())),
        tuple(sorted(model.default_headers.items())),
    )
