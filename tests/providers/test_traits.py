"""Ids of real models, and what is known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extproc.core.traits import UNKNOWN, Thinking, Traits
from extproc.providers.families import FAMILIES
from extproc.providers.traits import traits_of

LATER = ("low", "medium", "high", "xhigh", "max")


@pytest.mark.parametrize(
    ("provider", "model_id", "known"),
    [
        ("anthropic", "claude-3-haiku-20240307", {"output_ceiling": 4096, "prefill": True}),
        ("anthropic", "claude-3-5-sonnet-latest", {"thinking": Thinking.NONE}),
        ("anthropic", "claude-3-7-sonnet-20250219", {"thinking": Thinking.BUDGET}),
        ("anthropic", "claude-opus-4-20250514", {"output_ceiling": 32_000, "efforts": None}),
        ("anthropic", "claude-opus-4-1-20250805", {"output_ceiling": 32_000}),
        ("anthropic", "claude-opus-4-5-20251101", {"efforts": ("low", "medium", "high")}),
        ("anthropic", "claude-sonnet-4-5", {"context_window": 200_000, "sampling": True}),
        ("anthropic", "claude-haiku-4-5-20251001", {"output_ceiling": 64_000}),
        (
            "anthropic",
            "claude-sonnet-4-6",
            {"thinking": Thinking.ADAPTIVE, "sampling": True, "prefill": False},
        ),
        (
            "anthropic",
            "claude-opus-4-7",
            {"sampling": False, "inner_system": False, "efforts": LATER, "forced_tools": True},
        ),
        ("anthropic", "claude-opus-4-8", {"inner_system": True, "context_window": 1_000_000}),
        ("anthropic", "claude-opus-5", {"forced_tools": None, "thinking_off": None}),
        ("anthropic", "claude-opus-5-5", {"forced_tools": False, "thinking_off": False}),
        ("anthropic", "claude-haiku-5-5", {"forced_tools": True, "output_ceiling": 128_000}),
        ("openai", "gpt-3.5-turbo-0125", {"images": False, "context_window": 16_385}),
        ("openai", "gpt-4-0613", {"context_window": 8192, "tools": True}),
        ("openai", "gpt-4o-2024-08-06", {"output_ceiling": 16_384, "sampling": True}),
        ("openai", "gpt-4o-2024-05-13", {"output_ceiling": 4096}),
        ("openai", "gpt-4o-audio-preview", {"images": None, "context_window": 128_000}),
        ("openai", "gpt-4.1-nano", {"context_window": 1_047_576, "stop": True}),
        ("openai", "o1", {"thinking": Thinking.EFFORT, "sampling": False, "images": True}),
        ("openai", "o3-mini-2025-01-31", {"images": False, "efforts": ("low", "medium", "high")}),
        ("openai", "gpt-5-mini", {"efforts": ("minimal", "low", "medium", "high")}),
        ("openai", "gpt-5-2025-08-07", {"context_window": 400_000, "tool_reasoning": None}),
        ("openai", "gpt-5-pro", {"output_ceiling": 272_000, "efforts": ("high",)}),
        ("openai", "gpt-5-chat-latest", {"sampling": None, "context_window": 128_000}),
        ("openai", "gpt-5.1", {"efforts": ("none", "low", "medium", "high"), "stop": False}),
        ("openai", "gpt-5.2-pro", {"efforts": ("medium", "high", "xhigh")}),
        ("openai", "gpt-5.4-mini", {"context_window": 400_000, "tool_reasoning": False}),
        ("azure_openai", "gpt-5.5", {"context_window": 1_050_000, "tool_reasoning": False}),
        ("openrouter", "openai/gpt-5.5", {"context_window": 1_050_000, "tool_reasoning": None}),
        ("openai", "gpt-5.6-sol", {"efforts": ("none", "low", "medium", "high", "xhigh")}),
        ("openai", "gpt-6-sol", {"efforts": ("none", *LATER), "thinking_off": True}),
        ("openai", "gpt-6.1-sol", {"efforts": LATER, "thinking_off": False}),
        ("openai", "gpt-5.99", {"sampling": False, "context_window": None, "efforts": None}),
        ("groq", "openai/gpt-oss-120b", {"images": False, "context_window": None}),
        ("gemini", "gemini-2.5-flash", {"context_window": 1_048_576, "sampling": True}),
        ("gemini", "gemini-3.1-pro-preview", {"images": True, "sampling": None}),
        ("gemini", "gemini-3.8-flash", {"sampling": False, "prefill": False}),
        ("xai", "grok-4-fast-non-reasoning", {"stop": True, "context_window": 2_000_000}),
        ("xai", "grok-4.7", {"stop": False, "efforts": ("low", "medium", "high", "xhigh")}),
        ("xai", "grok-3-mini", {"efforts": ("low", "high"), "images": False}),
        ("deepseek", "deepseek-v4-pro", {"images": False, "reasoning_back": True}),
        ("together_ai", "deepseek-ai/DeepSeek-R1", {"images": False, "context_window": None}),
        ("mistral", "mistral-large-latest", {"images": True, "context_window": 262_144}),
        ("mistral", "codestral-2508", {"images": False, "tools": True}),
        ("together_ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo", {"images": False}),
        ("ollama", "llama3.2-vision:11b", {"images": True, "context_window": None}),
        ("amazon_bedrock", "us.meta.llama3-2-90b-instruct-v1:0", {"images": True}),
        ("fireworks", "accounts/fireworks/models/llama-v3p1-70b-instruct", {"images": False}),
        ("groq", "meta-llama/llama-4-scout-17b-16e-instruct", {"images": True}),
        ("qwen", "qwen3-coder-plus", {"images": False, "context_window": 1_000_000}),
        ("ollama", "qwen2.5-vl:7b", {"images": True}),
        ("moonshotai", "kimi-k2-0905-preview", {"images": False, "context_window": 262_144}),
        ("moonshotai", "kimi-k2.6", {"images": True}),
        ("zhipu", "glm-4.5v", {"images": True, "tools": True}),
        ("zhipu", "glm-4.6", {"images": False}),
        ("amazon_bedrock", "us.amazon.nova-micro-v1:0", {"images": False}),
    ],
)
def test_a_real_model(provider: str, model_id: str, known: dict[str, Any]) -> None:
    found = traits_of(provider, model_id)
    assert {name: getattr(found, name) for name in known} == known


@pytest.mark.parametrize(
    ("provider", "model_id", "plainly"),
    [
        ("openrouter", "anthropic/claude-opus-4.6", "claude-opus-4-6"),
        ("openrouter", "anthropic/claude-4.6-opus-20260205", "claude-opus-4-6"),
        ("openrouter", "anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet"),
        ("amazon_bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"),
        ("amazon_bedrock", "anthropic.claude-opus-4-7", "claude-opus-4-7"),
        ("amazon_bedrock", "us-gov.anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku"),
        ("own", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("vercel", "anthropic/claude-haiku-4.5", "claude-haiku-4-5"),
        ("openrouter", "openai/gpt-4o:free", "gpt-4o"),
        ("own", "GPT-4o", "gpt-4o"),
    ],
)
def test_an_id_with_more_around_it(provider: str, model_id: str, plainly: str) -> None:
    assert traits_of(provider, model_id) == traits_of(provider, plainly) != UNKNOWN


def test_the_long_context_window_is_asked_for_in_the_id() -> None:
    shorter = traits_of("anthropic", "claude-sonnet-4-5")
    longer = traits_of("anthropic", "claude-sonnet-4-5[1m]")
    assert longer == replace(shorter, context_window=1_000_000)
    assert traits_of("own", "something[1m]") == UNKNOWN


@pytest.mark.parametrize(
    "model_id", ["", "*", "/", "[1m]", "my-model", "xgpt-4o", "model-a", "claude", "🐉", "a" * 5000]
)
def test_of_others_nothing_is_known(model_id: str) -> None:
    assert traits_of("own", model_id) == UNKNOWN


def test_the_more_specific_row_knows_better_wherever_it_stands() -> None:
    known = Traits(context_window=8, images=False)
    assert known.overridden_by(Traits(images=True, stop=False)) == Traits(
        context_window=8, images=True, stop=False
    )
    assert known.overridden_by(UNKNOWN) is known


def test_every_row_says_something_and_fits_an_id() -> None:
    for family in FAMILIES:
        assert family.traits != UNKNOWN
        for pattern in family.patterns:
            fitting = pattern.replace("*", "").replace("?", "-")
            assert traits_of(family.provider or "own", fitting) != UNKNOWN, pattern
