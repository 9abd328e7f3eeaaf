"""The declared models, by every name that a client may use for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from extproc.core.clipping import clipped
from extproc.core.config import Config
from extproc.core.faults import Fault
from extproc.core.models import Model
from extproc.core.names import directory_of
from extproc.core.routes import Route
from extproc.core.spelling import mark_of
from extproc.core.traits import UNKNOWN, Traits
from extproc.errors import ClientError

__all__ = ["Catalog"]

_NAMES_IN_A_MESSAGE = 12


class Catalog:
    """Finds models by whatever a client calls them; :mod:`extproc.core.names` says what goes first.

    ``default`` is the model of requests that name none, None if there is no such model.
    """

    def __init__(
        self, config: Config, traits_of: Callable[[str, str], Traits] = lambda *_: UNKNOWN
    ) -> None:
        """
        Args:
            config: declares the models.
            traits_of: what is known of a provider's model, for those that a wildcard covers.
        """
        self._traits_of = traits_of
        self._by_name = {model.name: model for model in config.models if not model.is_wildcard}
        self._entries = {model.name: model for model in config.models if model.is_wildcard}
        self._directory = directory_of(
            ((model.name, f"{model.provider}/{model.model_id}") for model in config.models),
            {model.provider: model.families for model in config.models if model.is_wildcard},
        ).with_aliases(config.aliases)
        self.default = next((model for model in config.models if model.default), None)

    def declared(self, name: str) -> Model | None:
        """The model of exactly this name: that of an entry, or one that a wildcard entry covers
        by the prefix of its own name."""
        if name in self._by_name:
            return self._by_name[name]
        covered = self._directory.wildcards.named(name)
        if covered is None:
            return None
        entry = self._entries[covered.entry]
        traits = self._traits_of(entry.provider, covered.model_id)
        return entry.standing_for(covered.name, covered.model_id, traits)

    def candidates(self, route: Route) -> tuple[Model, ...]:
        """The models of a configured route, in its order."""
        found = map(self.declared, route.models)
        return tuple(model for model in found if model is not None)

    def find(self, name: str) -> Model | None:
        """The model that a client calls by this name, None if there is none.

        By a name with a mark for a long context window it has that window, unless its entry says
        how long it is.

        Raises:
            ClientError: several declared models have this id (400).
        """
        names = self._directory.find(name)
        if len(names) > 1:
            raise ClientError(
                400,
                f"The model '{clipped(name)}' is ambiguous: say {' or '.join(names)}.",
                param="model",
                reason=Fault.AMBIGUOUS_MODEL,
                requested_model=name,
            )
        model = self.declared(names[0]) if names else None
        mark = mark_of(name)
        return self._marked(model, mark) if model is not None and mark else model

    def _marked(self, model: Model, mark: str) -> Model:
        plain = self._traits_of(model.provider, model.model_id)
        if model.traits.context_window != plain.context_window:
            return model
        window = self._traits_of(model.provider, f"{model.model_id}{mark}").context_window
        return replace(model, traits=replace(model.traits, context_window=window))

    def requested(self, name: str | None) -> Model:
        """The model that serves a request that no route matched.

        Args:
            name: what the client asked for, None if nothing.

        Raises:
            ClientError: nothing was asked for and no model is the default (400), or there is no
                such model (404).
        """
        if name is None:
            if self.default is None:
                raise ClientError(
                    400,
                    "The request names no 'model' and no model is declared as default.",
                    param="model",
                    reason=Fault.NO_MODEL,
                )
            return self.default
        model = self.find(name)
        if model is None:
            raise ClientError(
                404,
                f"The model '{clipped(name)}' does not exist. {self._available()}",
                code="model_not_found",
                param="model",
                requested_model=name,
            )
        return model

    def pool(self, names: Iterable[str], route: str) -> tuple[Model, ...]:
        """The candidates of a route that a client sent along.

        Raises:
            ClientError: some of them are not declared (400, names all of them).
        """
        found = {name: self.find(name) for name in names}
        undeclared = [name for name, model in found.items() if model is None]
        if undeclared:
            listed = ", ".join(f"'{clipped(name)}'" for name in undeclared)
            raise ClientError(
                400,
                f"The routing preference '{route}' names models that are not declared: {listed}. "
                f"{self._available()}",
                code="model_not_declared",
                param="routing_preferences",
            )
        return tuple({model.name: model for model in found.values() if model is not None}.values())

    def _available(self) -> str:
        names = [*self._directory.available, *self._directory.aliases]
        shown = ", ".join(names[:_NAMES_IN_A_MESSAGE])
        more = len(names) - _NAMES_IN_A_MESSAGE
        return f"Available: {shown}{f' and {more} more' if more > 0 else ''}."
