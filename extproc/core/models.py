"""Models, the providers' endpoints that serve them, and the dialects that these speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from extproc.core.traits import UNKNOWN, Traits

__all__ = [
    "KEY_HEADERS",
    "WILDCARD",
    "ClientKey",
    "Credential",
    "Dialect",
    "Endpoint",
    "Model",
    "Proxy",
]

KEY_HEADERS: Final = ("authorization", "x-api-key", "api-key")
"""Where a client's key may be; the first one that holds one counts."""

WILDCARD = "*"
"""As a model's id: any that no other entry of the provider declares."""


class Dialect(StrEnum):
    """A request and response format that clients and providers speak."""

    CHAT = "chat"
    MESSAGES = "messages"
    RESPONSES = "responses"


@dataclass(frozen=True, slots=True)
class _Server:
    """Where something listens, and whether it speaks TLS there."""

    scheme: str
    host: str
    port: int

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def address(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Endpoint(_Server):
    """A provider's origin: the address to connect to and the ``Host`` to name there."""

    http_host: str


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
class Proxy(_Server):
    """A proxy that opens tunnels to providers (CONNECT).

    ``authorization`` names the environment variable that holds the value of the header
    ``proxy-authorization``; None where the proxy wants none.
    """

    authorization: str | None = None


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
    client sent none of that name; ``forward_headers`` are names, or beginnings with a ``*`` behind
    them, of what of the client's it gets beyond what every provider does. The provider gets the key
    that ``credential`` names, or the client's own (``client_key``).

    An entry is one Envoy cluster. That of a wildcard (``openai/*``) serves many models: ``entry``
    is its name in each of them. ``traits`` are what the model takes, as far as it is
    known; those of a wildcard are what its entry says of all its models. A wildcard's ``families``
    are patterns of the bare ids that belong to it. Its provider is reached through ``proxy``, None
    means directly.
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
    forward_headers: tuple[str, ...] = ()
    client_key: ClientKey | None = None
    entry: str | None = None
    families: tuple[str, ...] = ()
    traits: Traits = UNKNOWN
    proxy: Proxy | None = None

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

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that hold what is secret of the way to it."""
        proxy = () if self.proxy is None else (self.proxy.authorization,)
        named = (*(credential.variable for credential in self.credentials), *proxy)
        return tuple(name for name in named if name is not None)

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """Those that it serves."""
        return tuple(self.paths)

    def serves(self, dialect: Dialect) -> bool:
        """Whether a request in this dialect can be sent to it."""
        return dialect in self.paths

    def path(self, dialect: Dialect) -> str:
        """Where requests of a dialect go.

        Raises:
            KeyError: the model does not serve the dialect.
        """
        return self.paths[dialect].replace("{model}", quote(self.model_id, safe=""))

    def standing_for(self, name: str, model_id: str, traits: Traits = UNKNOWN) -> Model:
        """A model that this wildcard covers.

        Args:
            name: what clients call it.
            model_id: what its provider calls it.
            traits: what is known of it; what the wildcard's entry says goes before.
        """
        known = traits.overridden_by(self.traits)
        return replace(self, name=name, model_id=model_id, entry=self.name, traits=known)
