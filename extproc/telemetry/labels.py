"""Names as metric labels. Clients choose some names freely; the number of labels stays bounded."""

from __future__ import annotations

from extproc.core.catalog import Catalog
from extproc.core.config import Config

__all__ = ["Labels"]

_NO_ROUTE = "none"
_INLINE = "inline"
_UNKNOWN = "other"


class Labels:
    """What models and routes are called in metrics."""

    def __init__(self, config: Config) -> None:
        self._catalog = Catalog(config)
        self._routes = frozenset(route.name for route in config.routes)
        self._clusters = frozenset(model.name for model in config.models)
        in_routes = (name for route in config.routes for name in route.models)
        self._models = self._clusters.union(in_routes, config.aliases.values())

    def model(self, name: str, cluster: str | None = None) -> str:
        """A model that the configuration names as itself, any other as the wildcard entry that
        covers it.

        Args:
            name: the model's name.
            cluster: the entry that served it; where it is not told, the configuration says.
        """
        if name in self._models:
            return name
        if cluster is None:
            model = self._catalog.declared(name)
            cluster = None if model is None else model.cluster
        return cluster if cluster is not None and cluster in self._clusters else _UNKNOWN

    def route(self, name: str | None) -> str:
        """A configured route as itself; ``inline`` one that a client sent, ``none`` no route."""
        if name is None:
            return _NO_ROUTE
        return name if name in self._routes else _INLINE
