"""An item of ``model_providers``: its fields, and what it must be given the providers known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from pydantic import Field

from extproc import providers
from extproc.config.fields import (
    Entry,
    HeaderName,
    HeaderPattern,
    Line,
    Name,
    ProxyOrNone,
)
from extproc.config.sections.model_limits import ModelLimits
from extproc.core.key_names import names_a_key
from extproc.core.models import KEY_HEADERS, WILDCARD
from extproc.core.problems import Problem, nearest, place
from extproc.dialects.table import DIALECTS

__all__ = ["InlineRoute", "ProviderEntry", "advice", "problems"]

_VERY_LIKE: Final = 0.8


_ADDRESS: Final = "write base_url, such as http://localhost:8000"
_NOT_WRITTEN: Final = "Plano adds it to what it renders: take the file that it was rendered from"


class InlineRoute(Entry):
    """An item of the older ``routing_preferences`` under a provider, which is lifted from there."""

    name: Name
    description: str = Field(min_length=1)


class ProviderEntry(Entry):
    """An item of ``model_providers``."""

    unused: ClassVar = {
        "arbitrage_policy": "ignored: list models in the order of their turn in a route's models",
        "capabilities": "ignored: write model_limits instead",
    }
    former: ClassVar = {
        "base_url_path_prefix": "write the path into base_url",
        "cluster_name": _NOT_WRITTEN,
        "endpoint": _ADDRESS,
        "internal": _NOT_WRITTEN,
        "max_retries": "it belongs to the listener",
        "port": _ADDRESS,
        "protocol": _ADDRESS,
        "provider": "the provider is the first part of the model: write model: openai/gpt-4o",
        "rate_limits": "write ratelimits at the root",
        "retry_policy": (
            "what fails moves on to the next of a route's models: list them in "
            "routing_preferences, and in dragoman.failover what moves on"
        ),
        "stream": "each request says whether it wants a stream: remove it",
        "url": _ADDRESS,
        "usage": "write it as the description of a route in routing_preferences",
    }
    takes_variables: ClassVar = True
    braced: ClassVar = frozenset({"model", "name"})
    literal: ClassVar = frozenset({"access_key"})
    expanded_later: ClassVar = frozenset({"headers", "proxy"})
    secret: ClassVar = frozenset({"access_key"})

    model: Name
    name: Name | None = None
    access_key: str | None = None
    default: bool = False
    base_url: str | None = None
    http_host: Name | None = None
    headers: dict[HeaderName, Line] = Field(default_factory=dict)
    forward_headers: list[HeaderPattern] = Field(default_factory=list)
    provider_interface: Name | None = None
    passthrough_auth: bool = False
    proxy: ProxyOrNone | None = None
    model_limits: ModelLimits | None = None
    routing_preferences: list[InlineRoute] | None = Field(
        default=None, json_schema_extra={"deprecated": True}
    )

    @property
    def known_as(self) -> str:
        """What the rest of the file calls this model."""
        return self.name or self.model


def problems(entry: ProviderEntry, path: str) -> Iterator[Problem]:
    """What is wrong with the entry at ``path``."""
    provider, _, model_id = entry.model.partition("/")
    if WILDCARD in (entry.model, model_id) and entry.default:
        message = (
            f"Model {entry.model} is configured as default but uses wildcard (*). "
            "Default models cannot be wildcards."
        )
        yield Problem(f"{path}.default", message)
    if provider and model_id and (model_id == WILDCARD or not model_id.endswith(f"/{WILDCARD}")):
        yield from _origin(entry, provider, path)
        yield from _key(entry, provider, path)
    else:
        message = (
            f"Invalid model name {entry.model}. Please provide model name in the format "
            "<provider>/<model_id> or <provider>/* for wildcards."
        )
        if entry.provider_interface in providers.KNOWN and "/" not in entry.model:
            message += f" Here that is {entry.provider_interface}/{entry.model}."
        yield Problem(f"{path}.model", message)


def advice(entry: ProviderEntry, path: str) -> Iterator[Problem]:
    """What at ``path`` loads but was hardly meant."""
    if entry.passthrough_auth and entry.access_key is not None:
        message = (
            f"Model provider '{entry.known_as}' has both 'passthrough_auth: true' and 'access_key' "
            "configured. The access_key will be ignored and the client's Authorization header will "
            "be forwarded instead."
        )
        yield Problem(f"{path}.access_key", message)
    name = entry.model.partition("/")[0]
    provider = providers.spoken_to(name, entry.provider_interface)
    if provider and provider.takes_client_key and not (entry.passthrough_auth or entry.access_key):
        message = f"none is given, so {name} gets the client's own, as with passthrough_auth: true"
        yield Problem(f"{path}.access_key", message)
    base_url = (entry.base_url or "").rstrip("/")
    for ending in (dialect.path_ending for dialect in DIALECTS.values()):
        if base_url.endswith(ending):
            message = f"ends in {ending}, which each request adds to it: leave that out"
            yield Problem(f"{path}.base_url", message)
    for index, pattern in enumerate(entry.forward_headers):
        if pattern in KEY_HEADERS and not entry.passthrough_auth:
            message = "has no effect: for the client's own key write passthrough_auth: true"
            yield Problem(f"{path}.{place('forward_headers', index)}", message)
    for header, text in entry.headers.items():
        if names_a_key(header) and "$" not in text:
            message = "a key belongs in access_key, or in a variable: write $NAME"
            yield Problem(f"{path}.{place('headers', header)}", message)


def _origin(entry: ProviderEntry, name: str, path: str) -> Iterator[Problem]:
    known = providers.KNOWN.get(name)
    provider = providers.spoken_to(name, entry.provider_interface)
    if known and known.known_to_plano and entry.provider_interface is not None:
        message = (
            f"Please provide provider interface as part of model name {entry.model} using the "
            "format <provider>/<model_id>. "
            "For example, use 'openai/gpt-3.5-turbo' instead of 'gpt-3.5-turbo'"
        )
        yield Problem(f"{path}.provider_interface", message)
    elif provider is None or (known is None and entry.base_url is None):
        yield from _unspoken(entry, name, path)
    elif provider.origin is None and entry.base_url is None:
        message = f"Provider '{name}' requires 'base_url' to be set for model {entry.model}"
        yield Problem(f"{path}.base_url", message)
    try:
        if entry.base_url is not None:
            providers.BaseUrl.parse(entry.base_url)
    except providers.BaseUrlError as error:
        yield Problem(f"{path}.base_url", str(error))


def _unspoken(entry: ProviderEntry, name: str, path: str) -> Iterator[Problem]:
    supported = ", ".join(sorted(providers.KNOWN))
    if name not in providers.KNOWN and None in (entry.base_url, entry.provider_interface):
        kind = "wildcard model" if entry.model.endswith(f"/{WILDCARD}") else "model"
        # Names of providers that are one's own may be like others by chance.
        meant = nearest(name, sorted(providers.KNOWN), alike=_VERY_LIKE)
        hint = f"; did you mean '{meant}'?" if meant else ""
        message = (
            f"Must provide base_url and provider_interface for unsupported provider {name} "
            f"for {kind} {entry.model}. Supported providers are: {supported}"
            f"{hint}"
        )
        yield Problem(f"{path}.model", message)
    else:
        yield Problem(f"{path}.provider_interface", f"must be one of {supported}")


def _key(entry: ProviderEntry, name: str, path: str) -> Iterator[Problem]:
    provider = providers.KNOWN.get(name)
    if provider is None or entry.access_key is not None or entry.passthrough_auth:
        return
    if provider.needs_key(entry.base_url):
        message = f"is required by {name}; write for example access_key: ${name.upper()}_API_KEY"
        yield Problem(f"{path}.access_key", message)
