"""The set-ups, from the least that Envoy can do to all that Dragoman does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks.workload import STREAMED_PREFIX
from extproc.config import Loaded, parse
from extproc.contract import MODEL, ROUTE

__all__ = [
    "EMPTY",
    "MODEL_NAME",
    "PIPELINE",
    "SETUPS",
    "STREAMED",
    "TRANSLATED",
    "TRANSLATED_STREAM",
    "RouterKind",
    "SetUp",
    "configuration",
]

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
{preferences}
"""
_PREFERENCES = f"""
routing_preferences:
  - name: {_ROUTE}
    description: generating new code, writing functions, or creating boilerplate
    models: [{_ROUTED_MODEL}]
  - name: complex reasoning
    description: complex reasoning tasks, multi-step analysis, or detailed explanations
    models: [{MODEL_NAME}]
"""


class RouterKind(StrEnum):
    """What answers Envoy's ext_proc streams."""

    EMPTY = "empty"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class SetUp:
    """One way of a request.

    ``router`` is None where Envoy consults nobody. ``proof`` is the response header by which a
    set-up shows that it did what it is measured for. ``interface`` is what the provider speaks;
    ``streamed`` says that a stream is asked for.
    """

    name: str
    router: RouterKind | None = None
    preferences: str = ""
    proof: str | None = None
    interface: str = "openai"
    streamed: bool = False


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


def configuration(setup: SetUp, port: int, upstream_port: int) -> Loaded:
    """The configuration that Dragoman runs with in a set-up that has a router.

    Its admin port is any that is free.
    """
    text = _CONFIGURATION.format(
        port=port,
        model=MODEL_NAME,
        routed_model=_ROUTED_MODEL,
        upstream=f"http://127.0.0.1:{upstream_port}{STREAMED_PREFIX if setup.streamed else ''}/v1",
        interface=setup.interface,
        preferences=setup.preferences,
    )
    loaded = parse(text, {"BENCHMARK_KEY": "no-secret"})
    admin = replace(loaded.config.admin, port=0)
    return replace(loaded, config=replace(loaded.config, admin=admin))
