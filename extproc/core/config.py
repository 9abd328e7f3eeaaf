"""What a configuration says once read: frozen values, defaults filled in, secrets set apart.

The rest of the house depends on this module and on those whose values it holds, never on how a file
is written or checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Final

from extproc.core.bounds import Bounds
from extproc.core.budgets import Budget
from extproc.core.counting import CounterStore
from extproc.core.failover import DEFAULT_POLICY, FailoverPolicy
from extproc.core.guards import GuardSettings, Unguarded
from extproc.core.inline_caps import InlineCaps
from extproc.core.ledger import LedgerSettings
from extproc.core.models import Model
from extproc.core.rate_limits import RateLimit
from extproc.core.routes import Route
from extproc.core.sessions import Sessions
from extproc.core.sources import CostSource, LatencySource, ObservedLatency
from extproc.core.timeouts import Timeouts
from extproc.core.tracing import Tracing

__all__ = [
    "Admin",
    "Config",
    "IntentSettings",
    "Limits",
    "Listener",
    "RouterPrompt",
    "Secrets",
    "Transport",
]


@dataclass(frozen=True, slots=True)
class Listener:
    """Where clients connect.

    Who comes from a web page must come from one of ``cors_origins`` ("*": from any).
    ``key_variables`` name the environment variables with the keys that open this listener; without
    any, it is open to all who reach it. ``timeout`` is in seconds: how long an answer that is not
    streamed may take altogether, over all attempts, and how long a streamed one may stay silent.
    ``max_retries`` bounds how many further attempts a request may take; None is no bound but the
    number of candidates.
    """

    address: str = "127.0.0.1"
    port: int = 12000
    timeout: float = 1200.0
    max_retries: int | None = None
    cors_origins: tuple[str, ...] = ()
    key_variables: tuple[str, ...] = ()


_LOOPBACK: Final = {4: ip_address("127.0.0.1"), 6: ip_address("::1")}
"""By the version of IP."""


@dataclass(frozen=True, slots=True)
class Admin:
    """Where metrics and decision records are served, and how many records are kept.

    ``token_variable`` names the environment variable with the token that it takes to read them;
    None: it takes none.
    """

    address: str = "127.0.0.1"
    port: int = 9092
    kept_decisions: int = 1000
    token_variable: str | None = None

    @property
    def local_url(self) -> str:
        """How it is reached on this machine, also where it listens on every address."""
        address = ip_address(self.address)
        if address.is_unspecified:
            address = _LOOPBACK[address.version]
        host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        return f"http://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request. Times are in seconds, sizes in bytes.

    ``timeouts`` are those of requests whose route has none of its own. ``max_candidates`` is how
    many models may be tried for one. ``receive_timeout`` is how long it may take to arrive.
    ``max_bytes_in_flight`` bounds what all of a worker's requests hold together; None is what suits
    the machine's memory.
    """

    max_request_bytes: int = 32 * 1024 * 1024
    timeouts: Timeouts = field(default_factory=Timeouts)
    connect_timeout: float = 5.0
    max_candidates: int = 8
    receive_timeout: float = 120.0
    max_bytes_in_flight: int | None = None


class RouterPrompt(StrEnum):
    """How a router model is asked: the prompt that it was trained on."""

    ARCH_ROUTER = "arch-router"
    PLANO_ORCHESTRATOR = "plano-orchestrator"


class Transport(StrEnum):
    """What carries gRPC in the processes that Envoy consults."""

    BUILTIN = "builtin"
    GRPCIO = "grpcio"


@dataclass(frozen=True, slots=True)
class IntentSettings:
    """Who classifies, and with how much patience.

    ``router`` is a model to ask, None means the embedded classifier alone. It is asked by
    ``prompt``, None means as its name suggests; ``context_length`` is how many tokens it reads,
    None means as many as its prompt was made for. ``timeout`` is in seconds: how long its answer is
    waited for before the embedded classifier answers instead. At most ``concurrency`` questions are
    on their way to it at once. ``cache_entries`` answers are kept, each for ``cache_ttl`` seconds.

    The rest is the embedded classifier's. ``threshold`` is the score from which a route matches
    that has none of its own; None means the one it comes with. ``embedded_timeout`` is in seconds:
    how long its encoder is waited for before its first stage answers alone. Of routes that a
    request brings along the encoder reads ``embedded_texts`` descriptions and examples at most.
    """

    router: Model | None = None
    timeout: float = 0.5
    prompt: RouterPrompt | None = None
    context_length: int | None = None
    concurrency: int = 64
    cache_entries: int = 1024
    cache_ttl: float = 60.0
    threshold: float | None = None
    embedded_timeout: float = 0.5
    embedded_texts: int = 64


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that has been found valid.

    ``cooldowns`` says whether models that failed go behind the others for a while. ``failover``
    says after which errors a request moves on, where its route does not. ``hosts`` are
    the names that this machine is called by, besides localhost and its addresses ("*": any).
    ``bounds`` are those of requests whose route has none of its own, ``inline_caps`` those of the
    preferences that requests bring along.
    ``counters`` is where limits and budgets are counted, None: nothing is; ``budgets`` are what may
    be spent, ``rate_limits`` how many requests and tokens there may be.
    ``ledger`` is where finished requests are written down, None: nowhere.
    ``drain_timeout`` is how many seconds requests in flight get to finish when the sidecar ends.
    ``tracing`` is None where requests leave no spans.
    ``input_guards`` look at requests and ``output_guards`` at answers, in this order. ``unguarded``
    says whether requests pass of which a guard could not see all that it guards.
    ``cache_marks_from`` is how many tokens of a request must be what it shares with others for its
    prompt to be marked as worth caching, None: none is.
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
    sessions: Sessions = field(default_factory=Sessions)
    cooldowns: bool = True
    failover: FailoverPolicy = DEFAULT_POLICY
    hosts: tuple[str, ...] = ()
    admin: Admin = Admin()
    counters: CounterStore | None = None
    bounds: Bounds = field(default_factory=Bounds)
    inline_caps: InlineCaps = field(default_factory=InlineCaps)
    budgets: tuple[Budget, ...] = ()
    rate_limits: tuple[RateLimit, ...] = ()
    ledger: LedgerSettings | None = None
    drain_timeout: float = 25.0
    transport: Transport = Transport.BUILTIN
    tracing: Tracing | None = None
    input_guards: tuple[GuardSettings, ...] = ()
    output_guards: tuple[GuardSettings, ...] = ()
    unguarded: Unguarded = Unguarded.REFUSE
    cache_marks_from: int | None = None

    @property
    def guards(self) -> tuple[GuardSettings, ...]:
        """Those of requests and those of answers."""
        return (*self.input_guards, *self.output_guards)

    @property
    def may_guard_answers(self) -> bool:
        """Whether some answer may be looked at."""
        changing = any(guard.may_change_answers for guard in self.input_guards)
        return bool(self.output_guards) or changing

    @property
    def all_timeouts(self) -> tuple[Timeouts, ...]:
        """Each that some request may be waited for by."""
        own = (route.timeouts for route in self.routes if route.timeouts is not None)
        return tuple(dict.fromkeys((self.limits.timeouts, *own)))

    @property
    def hedges(self) -> bool:
        """Whether attempts of one request may be under way at the same time."""
        return any(route.hedge is not None for route in self.routes)

    @property
    def limits_tokens(self) -> bool:
        """Whether some limit is of tokens."""
        return any(limit.counts_tokens for limit in self.rate_limits)

    @property
    def shadows(self) -> bool:
        """Whether some requests are copied."""
        return any(route.shadow is not None for route in self.routes)

    @property
    def envoys_variables(self) -> frozenset[str]:
        """The environment variables that Envoy reads: the models' keys and headers, what their
        proxies want to be told, and the keys that open its listener."""
        ways = (variable for model in self.models for variable in model.variables)
        return frozenset((*ways, *self.listener.key_variables))

    @property
    def failover_policies(self) -> tuple[FailoverPolicy, ...]:
        """Each policy once, that of requests without one of their own first."""
        own = (route.failover for route in self.routes if route.failover is not None)
        return tuple(dict.fromkeys((self.failover, *own)))


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Values of the environment variables that credentials name. Its repr shows names only."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self.values))})"
