"""Which classifier a configuration asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from cachetools import TTLCache

from extproc.core.config import Config, IntentSettings, RouterPrompt
from extproc.core.models import Dialect, Model, Proxy
from extproc.intent import IntentClassifier
from extproc.intent.arch_router_prompt import ARCH_ROUTER
from extproc.intent.bulkhead import Bulkhead
from extproc.intent.circuit_breaker import CircuitBreaker
from extproc.intent.embedded import Bounds, EmbeddedClassifier
from extproc.intent.fallback import FallbackClassifier
from extproc.intent.orchestrator_prompt import PLANO_ORCHESTRATOR
from extproc.intent.prompt_format import PromptFormat
from extproc.intent.router_model import RouterModel

__all__ = ["classifier_for", "embedded_classifier", "free_threads", "prompt_format"]

_FORMATS: Final[Mapping[RouterPrompt, PromptFormat]] = {
    RouterPrompt.ARCH_ROUTER: ARCH_ROUTER,
    RouterPrompt.PLANO_ORCHESTRATOR: PLANO_ORCHESTRATOR,
}


def classifier_for(
    config: Config,
    environment: Mapping[str, str],
    clock: Callable[[], float] = time.monotonic,
    *,
    threads: int = 1,
) -> IntentClassifier:
    """The classifier of a configuration: the router model that it names, and the embedded one.

    Args:
        config: the configuration.
        environment: where the credential of a router model is.
        clock: the time in seconds, never going back.
        threads: how many requests the embedded one serves at once.
    """
    intent = config.intent
    embedded = EmbeddedClassifier(
        intent.threshold,
        configured=config.routes,
        bounds=Bounds(intent.embedded_timeout, intent.embedded_texts, threads),
    )
    if config.intent.router is None:
        return embedded
    return FallbackClassifier(
        _router_model(config.intent.router, config, environment, clock), embedded, clock
    )


def embedded_classifier(config: Config) -> EmbeddedClassifier:
    """The classifier in the box, as configured but for its bounds: for those who can wait."""
    return EmbeddedClassifier(config.intent.threshold)


def free_threads(cores: int, workers: int) -> int:
    """How many threads may classify in each worker, so that a core each is left for the rest of
    it; at least one."""
    return max(1, cores // workers - 1)


def prompt_format(model_id: str, prompt: RouterPrompt | None = None) -> PromptFormat:
    """How a router model is asked: as ``prompt`` says, else as its name suggests.

    The orchestrator's prompt is for models whose name says so; everything else is asked by
    Arch-Router's, which general models follow as well.
    """
    suggested = (
        RouterPrompt.PLANO_ORCHESTRATOR
        if "orchestrator" in model_id.lower()
        else RouterPrompt.ARCH_ROUTER
    )
    return _FORMATS[prompt or suggested]


def _router_model(
    model: Model, config: Config, environment: Mapping[str, str], clock: Callable[[], float]
) -> RouterModel:
    from extproc.intent.completions import Completions  # an HTTP client: many have no use for it

    settings: IntentSettings = config.intent
    endpoint = model.endpoint
    completions = Completions(
        url=f"{endpoint.scheme}://{endpoint.address}{model.path(Dialect.CHAT)}",
        model=model.model_id,
        headers=_headers(model, environment),
        timeout=settings.timeout,
        connections=settings.concurrency,
        ca_path=config.tls_ca_path,
        proxy=f"{model.proxy.scheme}://{model.proxy.address}" if model.proxy else None,
        proxy_headers=_proxy_headers(model.proxy, environment),
    )
    return RouterModel(
        completions,
        prompt_format(model.model_id, settings.prompt),
        Bulkhead(settings.concurrency, clock, CircuitBreaker()),
        TTLCache(settings.cache_entries, settings.cache_ttl, clock),
        settings.context_length,
    )


def _proxy_headers(proxy: Proxy | None, environment: Mapping[str, str]) -> dict[str, str]:
    variable = proxy.authorization if proxy else None
    return {"proxy-authorization": environment[variable]} if variable else {}


def _headers(model: Model, environment: Mapping[str, str]) -> dict[str, str]:
    headers = {"host": model.endpoint.http_host, **model.default_headers, **model.headers}
    for credential in model.credentials:
        headers[credential.header] = credential.prefix + environment[credential.variable]
    return headers
