"""Which classifier a configuration asks for."""

from __future__ import annotations

import pytest

from extproc.config import parse
from extproc.core.config import RouterPrompt
from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.intent.arch_router_prompt import ARCH_ROUTER
from extproc.intent.choice import classifier_for, free_threads, prompt_format
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.orchestrator_prompt import PLANO_ORCHESTRATOR
from extproc.intent.prompt_format import PromptFormat
from tests.helpers.router_server import answering, serving

TALK = (Turn("user", "Write a Python function that sorts a list of integers"),)
CONFIG = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: key, default: true}
  - {model: vllm/Arch-Router, base_url: "$ROUTER_URL", access_key: $ROUTER_KEY, http_host: inside,
     headers: {X-Team: blue}}
routing_preferences:
  - {name: code, description: "writing Python functions", models: [gpt-4o]}
  - {name: law, description: legal advice, models: [gpt-4o], threshold: -1}
"""


@pytest.mark.parametrize(
    ("model_id", "prompt", "expected"),
    [
        ("Arch-Router", None, ARCH_ROUTER),
        ("katanemo/Arch-Router-1.5B.gguf", None, ARCH_ROUTER),
        ("gpt-4o-mini", None, ARCH_ROUTER),
        ("Plano-Orchestrator", None, PLANO_ORCHESTRATOR),
        ("katanemo/plano-orchestrator-4b", None, PLANO_ORCHESTRATOR),
        ("Plano-Orchestrator", RouterPrompt.ARCH_ROUTER, ARCH_ROUTER),
        ("gpt-4o-mini", RouterPrompt.PLANO_ORCHESTRATOR, PLANO_ORCHESTRATOR),
    ],
)
def test_how_a_model_is_asked(
    model_id: str, prompt: RouterPrompt | None, expected: PromptFormat
) -> None:
    assert prompt_format(model_id, prompt) is expected


def config(more: str, url: str) -> tuple[str, dict[str, str]]:
    return CONFIG + more, {"ROUTER_URL": url, "ROUTER_KEY": "key-of-router"}


async def test_without_a_router_model_the_embedded_one_answers() -> None:
    loaded = parse(*config("dragoman: {threshold: 0.99}", "http://unused"))
    classifier = classifier_for(loaded.config, loaded.secrets.values)
    assert isinstance(classifier, EmbeddedClassifier)
    assert classifier.thresholds(loaded.config.routes) == (0.99, -1.0)


async def test_a_declared_model_is_asked_as_declared() -> None:
    async with serving(answering('{"route": ["law", "code"]}')) as server:
        base = server.url.removesuffix("/chat/completions")
        text, environment = config("overrides: {llm_routing_model: Arch-Router}", base)
        loaded = parse(text, environment)
        classifier = classifier_for(loaded.config, loaded.secrets.values)
        intent = await classifier.classify(TALK, loaded.config.routes)
        await classifier.close()
    assert (intent.route, intent.others, intent.classifier) == ("law", ("code",), "arch-router")
    (body,), (head,) = server.bodies, server.heads
    assert body["model"] == "Arch-Router"
    assert body["messages"][0]["content"] == ARCH_ROUTER.fill(TALK, loaded.config.routes)
    lines = head.lower().split("\r\n")
    assert lines[0].startswith("post /v1/chat/completions ")
    assert {"authorization: bearer key-of-router", "x-team: blue", "host: inside"} <= {*lines}


async def test_an_address_is_asked() -> None:
    more = """
overrides: {llm_routing_model: katanemo/Plano-Orchestrator-4B}
dragoman: {router_url: "$ROUTER_URL", router_access_key: $ROUTER_KEY}
"""
    async with serving(answering('{"route": "other"}')) as server:
        loaded = parse(*config(more, server.url))
        classifier = classifier_for(loaded.config, loaded.secrets.values)
        intent = await classifier.classify(TALK, loaded.config.routes)
        await classifier.close()
    assert (intent.route, intent.classifier) == (None, "plano-orchestrator")
    (body,), (head,) = server.bodies, server.heads
    assert body["model"] == "katanemo/Plano-Orchestrator-4B"
    assert body["messages"][0]["content"] == PLANO_ORCHESTRATOR.fill(TALK, loaded.config.routes)
    assert "authorization: bearer key-of-router" in head.lower()


async def test_when_it_fails_the_embedded_one_answers() -> None:
    more = "overrides: {llm_routing_model: Arch-Router}\ndragoman: {intent_timeout: 10s}"
    async with serving(answering("I would rather not say")) as server:
        loaded = parse(*config(more, server.url.removesuffix("/chat/completions")))
        classifier = classifier_for(loaded.config, loaded.secrets.values)
        intent = await classifier.classify(TALK, loaded.config.routes)
        await classifier.close()
    assert (intent.route, intent.classifier, intent.fallback) == ("code", "embedded", "malformed")
    assert intent.score is not None


async def test_the_embedded_one_is_bounded_as_configured() -> None:
    loaded = parse(*config("dragoman: {embedded_texts: 1}", "http://unused"))
    classifier = classifier_for(loaded.config, loaded.secrets.values)
    inline = [*loaded.config.routes, Route("lunch", "what is for lunch", ())]
    configured = await classifier.classify(TALK, loaded.config.routes)
    brought = await classifier.classify(TALK, inline)
    await classifier.close()
    assert (configured.classifier, configured.fallback) == ("embedded", None)
    assert brought.classifier == "embedded-first-stage"
    assert brought.fallback == "too_many_texts"


@pytest.mark.parametrize(
    ("cores", "workers", "threads"),
    [(1, 1, 1), (2, 1, 1), (4, 1, 3), (8, 2, 3), (8, 8, 1), (2, 8, 1)],
)
def test_a_core_of_each_worker_s_is_left_free(cores: int, workers: int, threads: int) -> None:
    assert free_threads(cores, workers) == threads
