"""Google's and xAI's models."""

from __future__ import annotations

from typing import Final

from extproc.core.traits import Thinking, Traits
from extproc.providers.families.family import KI, LOW_TO_HIGH, LOW_TO_XHIGH, MI, Family, K, M

__all__ = ["GOOGLE", "XAI"]

GOOGLE: Final = (
    # https://ai.google.dev/gemini-api/docs/models; efforts: .../docs/openai
    Family(
        (
            *("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-3-flash*"),
            *("gemini-3*-pro", "gemini-3*-pro-preview*", "gemini-3.*-flash", "gemini-3.*-flash-*"),
            *("gemini-flash-latest", "gemini-flash-lite-latest", "gemini-pro-latest"),
        ),
        Traits(
            output_ceiling=65_536,
            context_window=MI,
            thinking=Thinking.EFFORT,
            efforts=LOW_TO_HIGH,
            images=True,
            documents=True,
            tools=True,
        ),
    ),
    Family(
        ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"),
        Traits(sampling=True, stop=True),
    ),
    # https://ai.google.dev/gemini-api/docs/whats-new-gemini-3.6: no sampling parameters, and no
    # last turn of the model's
    Family(
        ("gemini-3.5-flash-lite*", "gemini-3.6-*", "gemini-3.7-*", "gemini-3.8-*"),
        Traits(sampling=False, prefill=False),
    ),
)

XAI: Final = (
    # https://docs.x.ai/docs/models; efforts, and that reasoning models refuse stop sequences:
    # https://docs.x.ai/docs/guides/reasoning
    Family(("grok-*",), Traits(tools=True)),
    Family(("grok-3*",), Traits(context_window=128 * KI, images=False)),
    Family(("grok-3-mini*",), Traits(thinking=Thinking.EFFORT, efforts=("low", "high"))),
    Family(("grok-4*",), Traits(images=True, stop=False)),
    Family(("grok-4", "grok-4-0*", "grok-4-latest"), Traits(context_window=256 * K)),
    Family(("grok-code-fast*",), Traits(context_window=256 * K, stop=False)),
    Family(("grok-4-fast*", "grok-4-1-fast*"), Traits(context_window=2 * M)),
    Family(("grok-4.20*",), Traits(context_window=M, thinking=Thinking.NONE)),
    Family(
        ("grok-4.3*",),
        Traits(context_window=M, thinking=Thinking.EFFORT, efforts=("none", *LOW_TO_HIGH)),
    ),
    Family(
        ("grok-4.5*", "grok-4.6*", "grok-4.7*"),
        Traits(context_window=500 * K, thinking=Thinking.EFFORT),
    ),
    Family(("grok-4.5*",), Traits(efforts=LOW_TO_HIGH, thinking_off=False)),
    Family(("grok-4.6*", "grok-4.7*"), Traits(efforts=LOW_TO_XHIGH)),
    Family(("grok-*non-reasoning*",), Traits(thinking=Thinking.NONE, stop=True)),
)
