"""OpenAI's models, wherever they are served."""

from __future__ import annotations

from typing import Final

from extproc.core.traits import Thinking, Traits
from extproc.providers.families.family import LOW_TO_HIGH, LOW_TO_MAX, LOW_TO_XHIGH, Family, K

__all__ = ["OPENAI"]

_REASONING: Final = Traits(
    thinking=Thinking.EFFORT,
    sampling=False,
    stop=False,
    images=True,
    documents=True,
    tools=True,
    inner_system=True,
)
"""OpenAI's: https://developers.openai.com/api/docs/guides/reasoning. They refuse ``temperature``,
``top_p`` and ``stop`` (https://platform.openai.com/docs/api-reference/chat/create), but for efforts
of ``none``."""

OPENAI: Final = (
    # https://developers.openai.com/api/docs/models, one page per model
    Family(
        ("gpt-3.5-turbo*", "gpt-35-turbo*", "gpt-4", "gpt-4-0*", "gpt-4-1106*", "gpt-4-turbo*"),
        Traits(thinking=Thinking.NONE, sampling=True, stop=True, tools=True, inner_system=True),
    ),
    Family(
        ("gpt-3.5-turbo*", "gpt-35-turbo*"),
        Traits(output_ceiling=4096, context_window=16_385, images=False, documents=False),
    ),
    Family(
        ("gpt-4", "gpt-4-0613"),
        Traits(output_ceiling=8192, context_window=8192, images=False, documents=False),
    ),
    Family(
        ("gpt-4-turbo*",),
        Traits(output_ceiling=4096, context_window=128 * K, images=True),
    ),
    # Without the variants for audio and search, which take less
    Family(
        ("gpt-4o", "gpt-4o-2*", "gpt-4o-mini", "gpt-4o-mini-2*", "gpt-4.1*"),
        Traits(
            thinking=Thinking.NONE,
            sampling=True,
            stop=True,
            images=True,
            documents=True,
            tools=True,
            inner_system=True,
        ),
    ),
    Family(("gpt-4o*",), Traits(output_ceiling=16_384, context_window=128 * K)),
    Family(("gpt-4o-2024-05-13",), Traits(output_ceiling=4096)),
    Family(("gpt-4.1*",), Traits(output_ceiling=32_768, context_window=1_047_576)),
    Family(
        ("o1", "o1-2*", "o1-pro*", "o3", "o3-2*", "o3-mini*", "o3-pro*", "o4-mini", "o4-mini-2*"),
        _REASONING.overridden_by(
            Traits(output_ceiling=100 * K, context_window=200 * K, efforts=LOW_TO_HIGH)
        ),
    ),
    Family(("o3-mini*",), Traits(images=False, documents=False)),
    Family(
        (
            *("gpt-5", "gpt-5-2*", "gpt-5-mini*", "gpt-5-nano*", "gpt-5-codex*", "gpt-5-pro*"),
            *("gpt-5.*", "gpt-6*"),
        ),
        _REASONING.overridden_by(Traits(output_ceiling=128 * K)),
    ),
    Family(
        ("gpt-5", "gpt-5-*", "gpt-5.1*", "gpt-5.2*", "gpt-5.3*"),
        Traits(context_window=400 * K),
    ),
    Family(
        ("gpt-5", "gpt-5-2*", "gpt-5-mini*", "gpt-5-nano*"),
        Traits(efforts=("minimal", *LOW_TO_HIGH)),
    ),
    Family(("gpt-5-pro*",), Traits(output_ceiling=272 * K, efforts=("high",))),
    Family(("gpt-5.1", "gpt-5.1-2*"), Traits(efforts=("none", *LOW_TO_HIGH))),
    # What ChatGPT uses: https://developers.openai.com/api/docs/models/gpt-5-chat-latest
    Family(
        ("gpt-5-chat*", "gpt-5.1-chat*", "gpt-5.2-chat*", "gpt-5.3-chat*"),
        Traits(output_ceiling=16_384, context_window=128 * K, images=True),
    ),
    Family(("gpt-5.2-pro*",), Traits(efforts=("medium", "high", "xhigh"))),
    Family(
        (
            *("gpt-5.2", "gpt-5.2-2*", "gpt-5.4", "gpt-5.4-2*", "gpt-5.4-mini*", "gpt-5.4-nano*"),
            *("gpt-5.5", "gpt-5.5-2*", "gpt-5.6", "gpt-5.6-sol*", "gpt-5.6-terra*"),
            "gpt-5.6-luna*",
        ),
        Traits(efforts=("none", *LOW_TO_XHIGH)),
    ),
    # "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions":
    # https://github.com/openai/openai-openapi/issues/541 and
    # https://github.com/BerriAI/litellm/pull/34569. Aggregators speak responses to OpenAI.
    *(
        Family(("gpt-5.4*", "gpt-5.5*", "gpt-5.6*", "gpt-6*"), Traits(tool_reasoning=False), name)
        for name in ("openai", "azure_openai")
    ),
    Family(
        (
            *("gpt-5.4", "gpt-5.4-2*", "gpt-5.4-pro*", "gpt-5.5", "gpt-5.5-2*", "gpt-5.5-pro*"),
            *("gpt-5.6", "gpt-5.6-sol*", "gpt-5.6-terra*", "gpt-5.6-luna*", "gpt-6*"),
        ),
        Traits(context_window=1_050 * K),
    ),
    Family(("gpt-5.4-mini*", "gpt-5.4-nano*"), Traits(context_window=400 * K)),
    Family(("gpt-6*",), Traits(efforts=LOW_TO_MAX, thinking_off=False)),
    Family(
        ("gpt-6-sol*", "gpt-6-luna*", "gpt-6.1-terra*"),
        Traits(efforts=("none", *LOW_TO_MAX), thinking_off=True),
    ),
    # https://developers.openai.com/api/docs/models/gpt-oss-120b: open weights, text only
    Family(
        ("gpt-oss-*",),
        Traits(thinking=Thinking.EFFORT, efforts=LOW_TO_HIGH, images=False, tools=True),
    ),
)
