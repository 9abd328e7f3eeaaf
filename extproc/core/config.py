"""What a configuration says once read: frozen values, defaults filled in, secrets set apart.

The rest of the house depends on this module only, never on how a file is written or checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import quote

from extproc.core.sources import CostSource, LatencySource, ObservedLatency

__all__ = [
    "WILDCARD",
    "Admin",
    "ClientKey",
    "Config",
    "CostBasis",
    "Credential",
    "Dialect",
    "Endpoint",
    "IntentSettings",
    "Limits",
    "Listener",
    "Model",
    "Preference",
    "Route",
    "RouterPrompt",
    "Secrets",
    "Sessions",
]

WILDCARD = "*"
"""As a model's id: any that no other entry of the provider declares."""


class Dialect(StrEnum):
    """A request and response format that clients and providers speak."""

    CHAT = "chat"
    MESSAGES = "messages"
    RESPONSES = "responses"


class Preference(StrEnum):
    """How the candidates of a route are ordered (``selection_policy.prefer``)."""

    NONE = "none"
    RANDOM = "random"
    CHEAPEST = "cheapest"
    FASTEST = "fastest"


class CostBasis(StrEnum):
    """What ``cheapest`` compares (``selection_policy.cost_basis``)."""

    TOTAL = "total"
    """The sum of the input and the output price, whatever the request."""
    REQUEST = "request"
    """What this very request is expected to cost."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where clients connect.

    ``timeout`` is in seconds: how long an answer that is not streamed may take altogether, and how
    long a streamed one may stay silent. ``max_retries`` bounds how many further attempts a request
    may take; None is no bound but the number of candidates.
    """

    address: str = "0.0.0.0"  # noqa: S104 - Plano's documented default
    port: int = 12000
    timeout: float = 300.0
    max_retries: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider's origin: the address to connect to and the ``Host`` to name there."""

    scheme: str
    host: str
    port: int
    http_host: str

    @property
    def tls(self) -> bool:
        return self.scheme == "https"


@dataclass(frozen=True, slots=True)
class Credential:
    """A header with a secret: a provider's key, or what is configured to be sent along.

    The secret itself is never here: ``variable`` names the environment variable that Envoy reads it
    from.
    """

    header: str
    prefix: str
    variable: str


@dataclass(frozen=True, slots=True)
class ClientKey:
    """How the client's own key is put to a provider (``passthrough_auth``).

    It goes into ``header`` behind ``prefix``, but a bearer token that begins with
    ``bearer_tokens`` stays one.
    """

    header: str
    prefix: str
    bearer_tokens: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model: an entry of ``model_providers``, or what a wildcard entry stands for.

    ``name`` is what clients, aliases and preferences call it (``openai/gpt-4o``); ``model_id`` is
    what its provider calls it (``gpt-4o``); ``paths`` maps each dialect that the provider speaks
    natively to the path of its endpoint, where ``{model}`` stands for the model's id. ``headers``
    and ``secret_headers`` are always sent to the provider, ``default_headers`` only where the
    client sent none of that name. The provider gets the key that ``credential`` names, or the
    client's own (``client_key``).

    An entry is one Envoy cluster. That of a wildcard (``openai/*``) serves many models: ``entry``
    is its name in each of them.
    """

    name: str
    provider: str
    model_id: str
    endpoint: Endpoint
    paths: Mapping[Dialect, str]
    credential: Credential | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    default_headers: Mapping[str, str] = field(default_factory=dict)
    default: bool = False
    secret_headers: tuple[Credential, ...] = ()
    client_key: ClientKey | None = None
    entry: str | None = None

    @property
    def cluster(self) -> str:
        """The name of the entry, and of its Envoy cluster."""
        return self.entry or self.name

    @property
    def is_wildcard(self) -> bool:
        return self.model_id == WILDCARD

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All headers whose values are secret; where two have one name, the last one counts."""
        own = () if self.credential is None else (self.credential,)
        return (*own, *self.secret_headers)

    def path(self, dialect: Dialect) -> str:
        """Where requests of a dialect go; KeyError if the provider does not speak it."""
        return self.paths[dialect].replace("{model}", quote(self.model_id, safe=""))

    def standing_for(self, name: str, model_id: str) -> Model:
        """A model that this wildcard covers."""
        return replace(self, name=name, model_id=model_id, entry=self.name)


@dataclass(frozen=True, slots=True)
class Route:
    """An intent in plain English and the models that serve it: an entry of ``routing_preferences``.

    ``models`` holds names of declared models, in the order in which they were written.
    ``examples`` are prompts that belong to the route; ``threshold`` is the score from which it
    matches, None: the classifier's own.
    """

    name: str
    description: str
    models: tuple[str, ...]
    prefer: Preference = Preference.NONE
    cost_basis: CostBasis = CostBasis.TOTAL
    examples: tuple[str, ...] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Sessions:
    """Where and for how long sessions stay pinned to their model.

    ``ttl`` is in seconds since the session's last request. ``max_entries`` bounds those kept in
    memory. ``redis_variable`` names the environment variable that holds the URL of a Redis server;
    None means memory. ``tenant_header`` names the header whose value keeps tenants' sessions apart.
    """

    ttl: int = 600
    max_entries: int = 10_000
    redis_variable: str | None = None
    tenant_header: str | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """Where metrics and decision records are served, and how many records are kept."""

    address: str = "127.0.0.1"
    port: int = 9092
    kept_decisions: int = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request. Times are in seconds, sizes in bytes."""

    max_request_bytes: int = 32 * 1024 * 1024
    attempt_timeout: float = 120.0
    first_content_timeout: float = 60.0
    connect_timeout: float = 5.0


class RouterPrompt(StrEnum):
    """How a router model is asked: the prompt that it was trained on."""

    ARCH_ROUTER = "arch-router"
    PLANO_ORCHESTRATOR = "plano-orchestrator"


@dataclass(frozen=True, slots=True)
class IntentSettings:
    """Who classifies, and with how much patience.

    ``router`` is a model to ask, None means the embedded classifier alone. It is asked by
    ``prompt``, None means as its name suggests; ``context_length`` is how many tokens it reads,
    None means as many as its prompt was made for. ``timeout`` is in seconds: how long its answer is
    waited for before the embedded classifier answers instead. At most ``concurrency`` questions are
    on their way to it at once. ``cache_entries`` answers are kept, each for ``cache_ttl`` seconds.

    ``threshold`` is the embedded classifier's: the score from which a route matches that has none
    of its own; None means the one it comes with.
    """

    router: Model | None = None
    timeout: float = 0.5
    prompt: RouterPrompt | None = None
    context_length: int | None = None
    concurrency: int = 64
    cache_entries: int = 1024
    cache_ttl: float = 60.0
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that has been found valid.

    ``cooldowns`` says whether models that failed go behind the others for a while.
    """

    models: tuple[Model, ...]
    listener: Listener = Listener()
    routes: tuple[Route, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    intent: IntentSettings = IntentSettings()
    tls_ca_path: str | None = None
    costs: CostSource | None = None
    latencies: LatencySource | ObservedLatency | None = None
    sessions: Sessions = Sessions()
    cooldowns: bool = True
    admin: Admin = Admin()


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Values of the environment variables that credentials name. Its repr shows names only."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self.values))})"
