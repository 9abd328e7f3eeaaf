"""The set-ups, from the least that Envoy can do to all that Dragoman does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks.workload import STREAMED_PREFIX
from extproc.config import Loaded, parse
from extproc.contract import MODEL, ROUTE

__all__ = [
    "EMPTY",
    "KEY",
    "MODEL_NAME",
    "PIPELINE",
    "SETUPS",
    "STREAMED",
    "TRANSLATED",
    "TRANSLATED_STREAM",
    "RouterKind",
    "SetUp",
    "configuration",
    "routes_over",
    "yaml_of",
]

KEY = "BENCHMARK_KEY"
"""The variable that configurations of benchmarks name as their providers' key."""

MODEL_NAME = "bench/general"
_ROUTED_MODEL = "bench/code"
_ROUTE = "code generation"

_CONFIGURATION = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}}}
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
  - {{model: bench/model-{number}, base_url: "{upstream}", provider_interface: openai,
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
_SUBJECTS = ("cooking", "tax law", "travel", "gardening", "chess", "medicine", "sailing")
_TASKS = ("a summary of", "a translation of", "questions about", "a poem on", "the history of")


class RouterKind(StrEnum):
    """What answers Envoy's ext_proc streams."""

    EMPTY = "empty"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class SetUp:
    """One way of a request.

    ``router`` is None where Envoy consults nobody. ``proof`` is the response header by which a
    set-up shows that it did what it is measured for. ``interface`` is what the provider speaks;
    ``streamed`` says that a stream is asked for. ``models`` is how many are declared.
    """

    name: str
    router: RouterKind | None = None
    preferences: str = ""
    proof: str | None = None
    interface: str = "openai"
    streamed: bool = False
    models: int = 2


EMPTY = SetUp("empty", RouterKind.EMPTY, proof=MODEL)
PIPELINE = SetUp("pipeline", RouterKind.FULL, proof=MODEL)
TRANSLATED = SetUp("translated", RouterKind.FULL, proof=MODEL, interface="anthropic")
STREAMED = SetUp("streamed", RouterKind.FULL, proof=MODEL, streamed=True)
TRANSLATED_STREAM = SetUp(
    "translated stream", RouterKind.FULL, proof=MODEL, interface="anthropic", streamed=True
)

SETUPS = (
    SetUp("envoy"),
    EMPTY,
    PIPELINE,
    SetUp("classified", RouterKind.FULL, preferences=_PREFERENCES, proof=ROUTE),
    TRANSLATED,
    STREAMED,
    TRANSLATED_STREAM,
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
    more: str = "",
) -> str:
    """A configuration file. Its key is ``$BENCHMARK_KEY``.

    Args:
        port: where it listens.
        upstream: the base URL of all providers.
        models: how many models are declared, at least 2.
        preferences: a ``routing_preferences`` section; none if empty.
        interface: the dialect of the first model's provider.
        more: further sections.
    """
    return _CONFIGURATION.format(
        port=port,
        model=MODEL_NAME,
        routed_model=_ROUTED_MODEL,
        upstream=upstream,
        interface=interface,
        more_models="".join(
            _MORE_MODELS.format(number=number, upstream=upstream) for number in range(models - 2)
        ),
        preferences=preferences,
        more=more,
    )


def configuration(setup: SetUp, port: int, upstream_port: int) -> Loaded:
    """The configuration that Dragoman runs with in a set-up that has a router.

    Its admin port is any that is free.
    """
    upstream = f"http://127.0.0.1:{upstream_port}{STREAMED_PREFIX if setup.streamed else ''}/v1"
    text = yaml_of(port, upstream, setup.models, setup.preferences, interface=setup.interface)
    loaded = parse(text, {KEY: "no-secret"})
    admin = replace(loaded.config.admin, port=0)
    return replace(loaded, config=replace(loaded.config, admin=admin))
