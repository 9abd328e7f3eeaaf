"""What a configuration file may hold, section by section, each on its own.

What one section must mean to another is in ``checks``; keys that are known and not acted on are in
``unused``.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from extproc.config.section import Section
from extproc.config.sections.model_limits import ModelLimits
from extproc.config.units import address_and_port, duration, size
from extproc.core.config import Admin, IntentSettings, Limits, Listener, Sessions

__all__ = [
    "VERSIONS",
    "VERSION_WITH_ROUTING",
    "AliasEntry",
    "Extension",
    "InlineRoute",
    "LegacyListenerEntry",
    "ListenerEntry",
    "Overrides",
    "PromptCaching",
    "ProviderEntry",
    "RouteEntry",
    "Routing",
    "Section",
    "SelectionPolicy",
    "SessionCache",
    "Tracing",
]

VERSIONS: Final = ("v0.1", "v0.1.0", "0.1-beta", "0.2.0", "v0.3.0", "v0.4.0")
VERSION_WITH_ROUTING: Final = "v0.4.0"

_LISTENER: Final = Listener()
_LIMITS: Final = Limits()
_INTENT: Final = IntentSettings()
_SESSIONS: Final = Sessions()
_ADMIN: Final = Admin()
_A_YEAR: Final = 365 * 24 * 3600

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text


def _name(text: str) -> str:
    if not text or text != text.strip():
        raise ValueError("must not be empty, nor begin or end with a space")
    return _printable(text)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address such as 0.0.0.0 or 127.0.0.1") from None


def _address_and_port(text: str) -> str:
    address_and_port(text)
    return text


def _header_name(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("is not a valid header name")
    if text.lower() in _FRAMING:
        raise ValueError("is a header that the proxy sets itself (for Host there is http_host)")
    return text


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
        raise ValueError("must be a number from -1 to 1")
    return float(value)


def _example(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


Name = Annotated[str, AfterValidator(_name)]
Line = Annotated[str, AfterValidator(_printable)]
Address = Annotated[str, AfterValidator(_address)]
AddressAndPort = Annotated[str, AfterValidator(_address_and_port)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
Example = Annotated[str, AfterValidator(_example)]
Score = Annotated[
    float,
    BeforeValidator(_score),
    WithJsonSchema({"type": "number", "minimum": -1, "maximum": 1}),
]
Port = Annotated[int, Field(ge=1, le=65535)]
Duration = Annotated[
    float,
    BeforeValidator(duration),
    PlainSerializer(lambda seconds: f"{seconds:.12g}s", return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["300s", "500ms", "5m"]}),
]
Size = Annotated[
    int,
    BeforeValidator(size),
    PlainSerializer(lambda amount: f"{amount / 2**20:.12g}MiB", return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["32MiB", "10MB"]}),
]


class LegacyListenerEntry(Section):
    """The value of ``listeners.egress_traffic``, the older form of a listener."""

    address: Address = _LISTENER.address
    port: Port = _LISTENER.port
    timeout: Duration = _LISTENER.timeout


class ListenerEntry(LegacyListenerEntry):
    """An item of ``listeners`` of ``type: model``."""

    type: Literal["model"]
    name: Name | None = None
    max_retries: Annotated[int, Field(ge=0, le=100)] | None = None


class InlineRoute(Section):
    """An item of the older ``routing_preferences`` under a provider, which is lifted from there."""

    name: Name
    description: str = Field(min_length=1)


class ProviderEntry(Section):
    """An item of ``model_providers``."""

    model: Name
    name: Name | None = None
    access_key: str | None = None
    default: bool = False
    base_url: str | None = None
    http_host: Name | None = None
    headers: dict[HeaderName, Line] = Field(default_factory=dict)
    provider_interface: Name | None = None
    passthrough_auth: bool = False
    model_limits: ModelLimits | None = None
    routing_preferences: list[InlineRoute] | None = None

    @property
    def known_as(self) -> str:
        """What the rest of the file calls this model."""
        return self.name or self.model


class AliasEntry(Section):
    """A value of ``model_aliases``."""

    target: Name


class SelectionPolicy(Section):
    """How the models of a route are ordered."""

    prefer: Literal["none", "random", "cheapest", "fastest"]
    cost_basis: Literal["total", "request"] | None = None


class RouteEntry(Section):
    """An item of ``routing_preferences``."""

    name: Name
    description: str = Field(min_length=1)
    models: list[Name] = Field(min_length=1)
    selection_policy: SelectionPolicy | None = None
    threshold: Score | None = None
    examples: list[Example] | None = None


class Overrides(Section):
    """The section ``overrides``."""

    upstream_connect_timeout: Duration = _LIMITS.connect_timeout
    upstream_tls_ca_path: Name | None = None
    llm_routing_model: Name | None = None
    router_model: Name | None = None
    orchestrator_model_context_length: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


class SessionCache(Section):
    """Where sessions are kept."""

    type: Literal["memory", "redis"] = "memory"
    url: str | None = None
    tenant_header: HeaderName | None = None


class Routing(Section):
    """The section ``routing``: sessions, and the intent router by an older way to name it."""

    llm_provider: Name | None = None
    model: Name | None = None
    session_ttl_seconds: Annotated[int, Field(ge=1, le=_A_YEAR)] = _SESSIONS.ttl
    session_max_entries: Annotated[int, Field(ge=1, le=10_000)] = _SESSIONS.max_entries
    session_cache: SessionCache | None = None


class PromptCaching(Section):
    """The section ``prompt_caching``, which is not acted on yet."""


class Tracing(Section):
    """The section ``tracing``, which is not acted on yet."""


class Extension(Section):
    """The section ``dragoman``: settings that Plano has no word for."""

    max_request_bytes: Size = _LIMITS.max_request_bytes
    attempt_timeout: Duration = _LIMITS.attempt_timeout
    first_content_timeout: Duration = _LIMITS.first_content_timeout
    threshold: Score | None = None
    router_url: Line | None = None
    router_access_key: str | None = None
    router_prompt: Literal["arch-router", "plano-orchestrator"] | None = None
    intent_timeout: Duration = _INTENT.timeout
    intent_concurrency: Annotated[int, Field(ge=1, le=10_000)] = _INTENT.concurrency
    intent_cache_entries: Annotated[int, Field(ge=0, le=1_000_000)] = _INTENT.cache_entries
    intent_cache_ttl: Duration = _INTENT.cache_ttl
    cooldowns: bool = True
    admin_address: AddressAndPort = f"{_ADMIN.address}:{_ADMIN.port}"
    kept_decisions: Annotated[int, Field(ge=0, le=100_000)] = _ADMIN.kept_decisions
