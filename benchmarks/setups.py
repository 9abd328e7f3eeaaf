"""The set-ups, from the least that Envoy can do to all that Dragoman does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks.peers import LITELLM, PORTKEY, Peer
from benchmarks.workload import FAILING_PREFIX, MODEL_NAME, PASSING_PREFIX, STREAMED_PREFIX
from extproc.config import Loaded, parse
from extproc.contract import MODEL, ROUTE
from extproc.core.config import Transport

__all__ = [
    "CLASSIFIED",
    "DIRECT",
    "DIRECT_PACED",
    "EMPTY",
    "EMPTY_GRPCIO",
    "ENVOY",
    "ENVOY_PACED",
    "FAILING_OVER",
    "GUARDED",
    "GUARDED_BOTH_WAYS",
    "GUARDED_STREAM",
    "KEY",
    "LITELLM_PACED",
    "LITELLM_WHOLE",
    "MIXED",
    "PACED",
    "PIPELINE",
    "PORTKEY_WHOLE",
    "SETUPS",
    "STREAMED",
    "TRANSLATED",
    "TRANSLATED_PACED",
    "TRANSLATED_STREAM",
    "Provider",
    "RouterKind",
    "SetUp",
    "base_url",
    "configuration",
    "routes_over",
    "yaml_of",
]

KEY = "BENCHMARK_KEY"
"""The variable that configurations of benchmarks name as their providers' key."""

_ROUTED_MODEL = "bench/code"
_FAILING_MODEL = "bench/failing"
_ROUTE = "code generation"

_CONFIGURATION = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}{filters}}}
model_providers:
  - {{model: {model}, base_url: "{upstream}", provider_interface: {interface},
     access_key: $BENCHMARK_KEY, default: true}}
  - {{model: {routed_model}, base_url: "{upstream}", provider_interface: openai,
     access_key: $BENCHMARK_KEY}}
{more_models}
{preferences}
{more}
"""
_MORE_MODELS = """\
  - {{model: {model}, base_url: "{upstream}", provider_interface: openai,
     access_key: $BENCHMARK_KEY}}
"""
_CODE = '"generating new code, writing functions, or creating boilerplate"'
_PREFERENCES = f"""
routing_preferences:
  - name: {_ROUTE}
    description: {_CODE}
    models: [{_ROUTED_MODEL}]
  - name: complex reasoning
    description: complex reasoning tasks, multi-step analysis, or detailed explanations
    models: [{MODEL_NAME}]
"""
_FAILING_FIRST = f"""
routing_preferences:
  - name: {_ROUTE}
    description: {_CODE}
    models: [{_FAILING_MODEL}, {_ROUTED_MODEL}]
"""
_NO_COOLDOWNS = "dragoman: {cooldowns: false}"
_SUBJECTS = ("cooking", "tax law", "travel", "gardening", "chess", "medicine", "sailing")
_TASKS = ("a summary of", "a translation of", "questions about", "a poem on", "the history of")


class RouterKind(StrEnum):
    """What answers Envoy's ext_proc streams."""

    EMPTY = "empty"
    FULL = "full"


class Provider(StrEnum):
    """How the upstream of a set-up answers."""

    WHOLE = "whole"
    STREAMED = "streamed"
    """With a stream, all of it at once."""
    PACED = "paced"
    """With a stream, a piece every 20 ms."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """One way of a request.

    ``router`` is None where Envoy consults nobody; ``peer`` is who stands in Envoy's place; where
    the way is ``direct``, clients ask the upstream itself. ``proof`` is the response header by
    which a set-up shows that it did what it is measured for. ``interface`` is what the provider
    speaks. ``mixed`` is whether many people's prompts are sent. ``models`` is how many are
    declared, ``failing`` whether the route's first one fails, each time. ``transport`` is what
    carries the router's gRPC. ``guards`` are the lists of filters in which the listener names an
    HTTP filter that changes nothing.
    """

    name: str
    router: RouterKind | None = None
    preferences: str = ""
    proof: str | None = None
    interface: str = "openai"
    provider: Provider = Provider.WHOLE
    mixed: bool = False
    failing: bool = False
    models: int = 2
    direct: bool = False
    peer: Peer | None = None
    transport: Transport = Transport.BUILTIN
    guards: tuple[str, ...] = ()

    @property
    def streamed(self) -> bool:
        """Whether a stream is asked for."""
        return self.provider is not Provider.WHOLE


DIRECT = SetUp("upstream alone", direct=True)
DIRECT_PACED = SetUp("upstream alone, paced", direct=True, provider=Provider.PACED)
ENVOY = SetUp("envoy")
EMPTY = SetUp("empty", RouterKind.EMPTY, proof=MODEL)
EMPTY_GRPCIO = replace(EMPTY, name="empty, grpcio", transport=Transport.GRPCIO)
PIPELINE = SetUp("pipeline", RouterKind.FULL, proof=MODEL)
CLASSIFIED = SetUp("classified", RouterKind.FULL, preferences=_PREFERENCES, proof=ROUTE)
MIXED = SetUp(
    "classified, mixed", RouterKind.FULL, preferences=_PREFERENCES, proof=MODEL, mixed=True
)
FAILING_OVER = SetUp(
    "failing over", RouterKind.FULL, preferences=_FAILING_FIRST, proof=ROUTE, failing=True
)
TRANSLATED = SetUp("translated", RouterKind.FULL, proof=MODEL, interface="anthropic")
STREAMED = replace(PIPELINE, name="streamed", provider=Provider.STREAMED)
TRANSLATED_STREAM = replace(TRANSLATED, name="translated stream", provider=Provider.STREAMED)
GUARDED = replace(PIPELINE, name="guarded", guards=("input_filters",))
GUARDED_BOTH_WAYS = replace(
    PIPELINE, name="guarded both ways", guards=("input_filters", "output_filters")
)
GUARDED_STREAM = replace(GUARDED_BOTH_WAYS, name="guarded stream", provider=Provider.STREAMED)
ENVOY_PACED = SetUp("envoy, paced", provider=Provider.PACED)
PACED = replace(PIPELINE, name="paced", provider=Provider.PACED)
TRANSLATED_PACED = replace(TRANSLATED, name="translated, paced", provider=Provider.PACED)
LITELLM_WHOLE = SetUp("litellm", peer=LITELLM)
LITELLM_PACED = SetUp("litellm, paced", peer=LITELLM, provider=Provider.PACED)
PORTKEY_WHOLE = SetUp("portkey", peer=PORTKEY)

SETUPS = (
    *(ENVOY, EMPTY, PIPELINE, CLASSIFIED, TRANSLATED, GUARDED_BOTH_WAYS),
    *(STREAMED, TRANSLATED_STREAM),
)


def routes_over(models: int, routes: int) -> str:
    """A ``routing_preferences`` section, of which the workload's request fits the first one.

    Args:
        models: how many are declared; each route names three at most.
        routes: how many.
    """
    names = [_ROUTED_MODEL, MODEL_NAME, *(f"bench/model-{number}" for number in range(models - 2))]

    def route(number: int) -> str:
        task = _TASKS[number % len(_TASKS)]
        subject = _SUBJECTS[number // len(_TASKS) % len(_SUBJECTS)]
        named = [names[(number + nth) % models] for nth in range(min(3, models))]
        return (
            f"  - {{name: route {number}, description: {task} {subject} in part {number}, "
            f"models: [{', '.join(named)}]}}\n"
        )

    first = f"  - {{name: {_ROUTE}, description: {_CODE}, models: [{_ROUTED_MODEL}]}}\n"
    return "routing_preferences:\n" + first + "".join(map(route, range(1, routes)))


def yaml_of(
    port: int,
    upstream: str,
    models: int,
    preferences: str,
    *,
    interface: str = "openai",
    failing: str | None = None,
    more: str = "",
    filters: str = "",
) -> str:
    """A configuration file. Its key is ``$BENCHMARK_KEY``.

    Args:
        port: where it listens.
        upstream: the base URL of all providers.
        models: how many models are declared, at least 2.
        preferences: a ``routing_preferences`` section; none if empty.
        interface: the dialect of the first model's provider.
        failing: the base URL of one more model, which fails; None is no such model.
        more: further sections.
        filters: further keys of the listener.
    """
    more_models = {f"bench/model-{number}": upstream for number in range(models - 2)}
    if failing is not None:
        more_models[_FAILING_MODEL] = failing
    return _CONFIGURATION.format(
        port=port,
        model=MODEL_NAME,
        routed_model=_ROUTED_MODEL,
        upstream=upstream,
        interface=interface,
        more_models="".join(
            _MORE_MODELS.format(model=model, upstream=url) for model, url in more_models.items()
        ),
        preferences=preferences,
        more=more,
        filters=filters,
    )


def configuration(setup: SetUp, port: int, upstream_port: int) -> Loaded:
    """The configuration that Dragoman runs with in a set-up that has a router.

    Its admin port is any that is free.
    """
    more = _NO_COOLDOWNS if setup.failing else ""
    if setup.guards:
        guard = f"http://127.0.0.1:{upstream_port}{PASSING_PREFIX}"
        more += f"filters: [{{id: passing, type: http, url: '{guard}'}}]"
    text = yaml_of(
        port,
        base_url(setup, upstream_port),
        setup.models,
        setup.preferences,
        interface=setup.interface,
        failing=f"http://127.0.0.1:{upstream_port}{FAILING_PREFIX}/v1" if setup.failing else None,
        more=more,
        filters="".join(f", {filters}: [passing]" for filters in setup.guards),
    )
    loaded = parse(text, {KEY: "no-secret"})
    admin = replace(loaded.config.admin, port=0)
    config = replace(loaded.config, admin=admin, transport=setup.transport)
    return replace(loaded, config=config)


def base_url(setup: SetUp, upstream_port: int) -> str:
    """The base URL of a set-up's provider."""
    prefix = STREAMED_PREFIX if setup.provider is Provider.STREAMED else ""
    return f"http://127.0.0.1:{upstream_port}{prefix}/v1"
