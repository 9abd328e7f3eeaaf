"""Anthropic's models, wherever they are served."""

from __future__ import annotations

from typing import Final

from extproc.core.traits import Thinking, Traits
from extproc.providers.families.family import LOW_TO_HIGH, LOW_TO_MAX, Family, K, M

__all__ = ["CLAUDE"]

CLAUDE: Final = (
    # Images and PDFs: https://platform.claude.com/docs/en/build-with-claude/vision and
    # .../pdf-support (all active models). Prefill, thinking: .../build-with-claude/thinking.
    Family(
        ("claude-*",),
        Traits(stop=True, images=True, documents=True, tools=True),
    ),
    # Claude 3 to 4.5: https://platform.claude.com/docs/en/about-claude/models/overview. A turn of
    # role system is refused before 4.8: .../build-with-claude/mid-conversation-system-messages.
    Family(
        ("claude-3*", "claude-opus-4*", "claude-sonnet-4*", "claude-haiku-4*"),
        Traits(
            context_window=200 * K,
            thinking=Thinking.BUDGET,
            sampling=True,
            prefill=True,
            inner_system=False,
            forced_tools=True,
            thinking_off=True,
        ),
    ),
    Family(
        ("claude-3-haiku*", "claude-3-opus*"),
        Traits(output_ceiling=4096, thinking=Thinking.NONE),
    ),
    Family(("claude-3-5*",), Traits(output_ceiling=8192, thinking=Thinking.NONE)),
    Family(("claude-opus-4*",), Traits(output_ceiling=32 * K)),
    Family(("claude-3-7*", "claude-sonnet-4*", "claude-haiku-4*"), Traits(output_ceiling=64 * K)),
    # Efforts: https://platform.claude.com/docs/en/build-with-claude/effort
    Family(("claude-opus-4-5*",), Traits(output_ceiling=64 * K, efforts=LOW_TO_HIGH)),
    # https://platform.claude.com/docs/en/models/opus-4-6/overview; budgets are deprecated, prefill
    # is gone: .../about-claude/models/migration-guide
    Family(
        ("claude-opus-4-6*", "claude-sonnet-4-6*"),
        Traits(
            output_ceiling=128 * K,
            context_window=M,
            thinking=Thinking.ADAPTIVE,
            efforts=(*LOW_TO_HIGH, "max"),
            prefill=False,
        ),
    ),
    # From 4.7 on, sampling parameters and budgets are answered with 400:
    # https://platform.claude.com/docs/en/about-claude/models/migration-guide
    Family(
        (
            *("claude-opus-4-7*", "claude-opus-4-8*", "claude-opus-5*", "claude-sonnet-5*"),
            "claude-haiku-5*",
            *("claude-fable-5*", "claude-mythos-5*", "claude-mythos-preview*"),
        ),
        Traits(
            output_ceiling=128 * K,
            context_window=M,
            thinking=Thinking.ADAPTIVE,
            efforts=LOW_TO_MAX,
            sampling=False,
            prefill=False,
        ),
    ),
    # https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
    Family(
        (
            *("claude-opus-4-8*", "claude-opus-5*", "claude-sonnet-5*"),
            *("claude-haiku-5*", "claude-fable-5*", "claude-mythos-5*"),
        ),
        Traits(inner_system=True),
    ),
    # https://platform.claude.com/docs/en/models/opus-5-5/migration-guide and those of Fable 5.1,
    # Sonnet 5.5 and Haiku 5.5. The first two always think; all but Haiku answer a forced tool with
    # 400. Sonnet has a mode of its own between thinking and not.
    Family(
        ("claude-opus-5-5*", "claude-fable-5-1*", "claude-mythos-5-1*"),
        Traits(forced_tools=False, thinking_off=False),
    ),
    Family(("claude-sonnet-5-5*",), Traits(forced_tools=False)),
    Family(("claude-haiku-5-5*",), Traits(forced_tools=True, thinking_off=True)),
)
