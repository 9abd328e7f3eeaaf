"""Which classifier a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping

from extproc.catalog import Catalog
from extproc.config.values import Config, Dialect, Model
from extproc.intent import IntentClassifier
from extproc.intent.arch_router import ArchRouterClassifier
from extproc.intent.embedded import EmbeddedClassifier

__all__ = ["classifier_for"]


def _remote(model: Model, timeout: float, environment: Mapping[str, str]) -> ArchRouterClassifier:
    endpoint = model.endpoint
    headers = dict(model.headers)
    for credential in model.credentials:
        headers[credential.header] = credential.prefix + environment[credential.variable]
    return ArchRouterClassifier(
        url=f"{endpoint.scheme}://{endpoint.host}:{endpoint.port}{model.path(Dialect.CHAT)}",
        model=model.model_id,
        headers=headers,
        timeout=timeout,
    )


def classifier_for(config: Config, environment: Mapping[str, str]) -> IntentClassifier:
    """The classifier of a configuration: Arch-Router where it names one, else the embedded one.

    Args:
        config: the configuration.
        environment: where the credential of a remote router is.
    """
    model = Catalog(config).declared(config.intent.model) if config.intent.model else None
    if model is None:
        return EmbeddedClassifier()
    return _remote(model, config.intent.timeout, environment)
