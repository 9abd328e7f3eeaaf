"""Where requests go that are not routed: to the model that they name, or to the provider of what
they ask for. A decision of names alone, without intent and without alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extproc.core.accounts import Accounts
from extproc.core.catalog import Catalog
from extproc.core.clipping import clipped
from extproc.core.config import Config
from extproc.core.faults import Fault
from extproc.core.models import Dialect, Model
from extproc.dialects.api_paths import ApiPath
from extproc.errors import ClientError

__all__ = ["Destination", "Forwarder", "counts_tokens"]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes: to a model, or to the provider that it stands for. ``path`` is the
    provider's, query included."""

    model: Model
    path: str


class Forwarder:
    """Finds destinations with one configuration."""

    def __init__(self, config: Config) -> None:
        self._catalog = Catalog(config)
        self._accounts = Accounts(config.models)

    def models(self, names: Sequence[str]) -> tuple[Model, ...]:
        """The models that one request names, in its order.

        Raises:
            ClientError: one of them does not exist (404), is ambiguous, or is with another provider
                than the others (400).
        """
        models = tuple(map(self._catalog.requested, names))
        if len({self._accounts.of(model).cluster for model in models}) > 1:
            listed = clipped(", ".join(f"'{name}'" for name in names))
            raise ClientError(
                400,
                f"One request goes to one provider, and these models are with several: {listed}.",
                param="model",
                reason=Fault.SEVERAL_PROVIDERS,
            )
        return models

    def to_model(self, path: ApiPath, model: Model) -> Destination:
        """To the model that a request names.

        Raises:
            ClientError: its provider speaks no dialect that has this path (400).
        """
        dialect = path.dialect_of(model)
        if dialect is None:
            raise ClientError(
                400,
                f"The model '{model.name}' cannot be asked at {path.path}: its provider speaks "
                f"{_listed(model.dialects)}, and this path belongs to {_listed(path.dialects)}.",
                code="path_not_spoken",
                param="model",
            )
        return Destination(model, path.at_provider(model, dialect, named=True))

    def to_maker(self, path: ApiPath, maker: str) -> Destination | None:
        """To the provider of the model that has made what is asked for.

        Args:
            path: what is asked for.
            maker: the model's name.

        Returns:
            None if there is no such model any more, or if it does not have this path.
        """
        model = self._catalog.declared(maker)
        return None if model is None else self._to_account(path, model)

    def to_only(self, path: ApiPath) -> Destination:
        """To the only provider that has this path.

        Where there are several, what is about nothing that one of them has made goes to the
        provider of the default model: that is where a request goes that names no model.

        Raises:
            ClientError: no provider has this path, or none of several can be told to be meant
                (404).
        """
        able = [model for model in self._accounts.all if path.dialect_of(model)]
        default = self._catalog.default
        chosen = able[0] if len(able) == 1 else None
        if chosen is None and not path.ids and default is not None:
            chosen = default
        found = None if chosen is None else self._to_account(path, chosen)
        if found is None:
            raise _nowhere(path, able)
        return found

    def is_open(self, path: ApiPath) -> bool:
        """Whether more than one provider could be meant."""
        return sum(path.dialect_of(model) is not None for model in self._accounts.all) > 1

    def _to_account(self, path: ApiPath, model: Model) -> Destination | None:
        dialect = path.dialect_of(model)
        if dialect is None:
            return None
        return Destination(model, path.at_provider(model, dialect, named=False))


def counts_tokens(model: Model) -> bool:
    """Whether a model's provider counts the tokens of a messages request.

    Anthropic does, and what stands in for it. Providers that speak messages beside a dialect of
    their own mostly do not: https://docs.ollama.com/api/anthropic-compatibility.
    """
    return model.dialects == (Dialect.MESSAGES,)


def _nowhere(path: ApiPath, able: Sequence[Model]) -> ClientError:
    if not able:
        message = (
            f"No declared provider speaks {_listed(path.dialects)}, where {path.path} belongs."
        )
    else:
        about = f"who has made '{path.ids[0]}'" if path.ids else "which provider is meant"
        names = ", ".join(f"'{model.name}'" for model in able)
        message = (
            f"It is not known {about}. Say whose provider to ask by adding the name of a model to "
            f"the path, as in {path.path}?model=NAME. Each of these is with another: {names}."
        )
    return ClientError(404, message, code="unknown_provider", param="model")


def _listed(dialects: Sequence[Dialect]) -> str:
    return " and ".join(dialects) or "nothing"
