"""Models of open weights, for the most part: DeepSeek, Mistral, Llama, Qwen, Kimi, GLM, Nova.

What an open model takes is the same everywhere; how much, is for whoever serves it to say. Context
windows and output ceilings therefore stand in rows that name the maker's own service.
"""

from __future__ import annotations

from typing import Final

from extproc.core.traits import Thinking, Traits
from extproc.providers.families.family import KI, MI, Family, K, M

__all__ = ["DEEPSEEK", "MISTRAL", "OTHERS"]

DEEPSEEK: Final = (
    # https://api-docs.deepseek.com/guides/thinking_mode: sampling parameters are taken and ignored;
    # reasoning_content goes back where tools are called. Limits: .../quick_start/pricing.
    Family(
        ("deepseek-*",),
        Traits(
            output_ceiling=384 * KI,
            context_window=M,
            thinking=Thinking.EFFORT,
            efforts=("low", "high", "max"),
            sampling=True,
            stop=True,
            tools=True,
            reasoning_back=True,
            thinking_off=True,
        ),
        provider="deepseek",
    ),
    # Modalities: catalogue
    Family(("deepseek-v3*", "deepseek-r1*", "deepseek-v4-pro*"), Traits(images=False)),
    Family(("deepseek-flash*", "deepseek-v4-flash*"), Traits(images=True), provider="deepseek"),
)

MISTRAL: Final = (
    # https://docs.mistral.ai/getting-started/models and catalogue
    Family(
        ("mistral-large*", "mistral-medium*", "mistral-small*", "ministral-*", "magistral-*"),
        Traits(context_window=256 * KI, sampling=True, stop=True, images=True, tools=True),
        provider="mistral",
    ),
    Family(("ministral-3b*", "ministral-3-3b*"), Traits(context_window=128 * KI), "mistral"),
    Family(("mistral-large-4*",), Traits(context_window=MI), "mistral"),
    Family(
        ("codestral-*",),
        Traits(context_window=128 * K, sampling=True, stop=True, images=False, tools=True),
        provider="mistral",
    ),
    Family(
        ("open-mistral-nemo*", "mistral-nemo*", "mixtral-*", "open-mixtral-*", "codestral-*"),
        Traits(images=False),
    ),
    Family(("pixtral-*",), Traits(images=True)),
)

OTHERS: Final = (
    # https://www.llama.com/docs/model-cards-and-prompt-formats: 3.2's 11B and 90B see images, and
    # all of generation 4; llama-v3p3 is how Fireworks spells it.
    Family(
        ("llama-3*", "llama3*", "llama-v3*", "meta-llama-3*"),
        Traits(thinking=Thinking.NONE, images=False),
    ),
    Family(
        ("llama*3?2-11b*", "llama*3?2-90b*", "llama*3?2-vision*"),
        Traits(images=True),
    ),
    Family(("llama-4*", "llama4*"), Traits(thinking=Thinking.NONE, images=True, tools=True)),
    # https://www.alibabacloud.com/help/en/model-studio/models and catalogue
    Family(
        ("qwen-plus*", "qwen-flash*", "qwen-turbo*", "qwen-max*", "qwen3-max*", "qwen3-coder*"),
        Traits(images=False, tools=True),
    ),
    Family(("qwen*-vl*", "qwen*vl-*"), Traits(images=True)),
    Family(
        ("qwen3-max*",), Traits(output_ceiling=65_536, context_window=256 * KI), provider="qwen"
    ),
    Family(
        ("qwen3-coder-plus*", "qwen3-coder-flash*"),
        Traits(output_ceiling=65_536, context_window=M),
        provider="qwen",
    ),
    Family(
        ("qwen3.5-plus*", "qwen3.7-plus*", "qwen3.8-*"),
        Traits(context_window=M, images=True, tools=True),
        provider="qwen",
    ),
    Family(("qwen3.7-max*",), Traits(context_window=M, images=False, tools=True), "qwen"),
    # https://platform.kimi.ai/docs/models and catalogue
    Family(("kimi-k2",), Traits(images=False, tools=True)),
    Family(("kimi-k2-*",), Traits(images=False, tools=True)),
    Family(("kimi-k2.*", "kimi-k3*"), Traits(images=True, tools=True)),
    Family(("kimi-k2*",), Traits(context_window=256 * KI), provider="moonshotai"),
    Family(("kimi-k3*",), Traits(context_window=MI), provider="moonshotai"),
    # https://docs.z.ai/guides/overview/overview and catalogue
    Family(("glm-4.5*", "glm-4.6*", "glm-4.7*", "glm-5*"), Traits(images=False, tools=True)),
    Family(("glm-4.5v*", "glm-4.6v*", "glm-5v*"), Traits(images=True)),
    Family(("glm-5.3-flash*",), Traits(images=True)),
    # https://docs.aws.amazon.com/nova/latest/userguide/what-is-nova.html
    Family(("nova-micro*",), Traits(10 * K, 128 * K, images=False, documents=False)),
    Family(("nova-lite*", "nova-pro*"), Traits(10 * K, 300 * K, images=True, documents=True)),
    Family(("nova-*",), Traits(tools=True)),
)
