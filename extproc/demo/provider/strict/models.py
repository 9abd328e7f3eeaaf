"""What the fake knows of models by their names. Of a model it does not know, it asks nothing.

Anthropic's generations and their limits are those of its model overview and its migration guide;
OpenAI's are those that its API names when it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "EFFORTS",
    "claude_generation",
    "claude_output_ceiling",
    "gpt_generation",
    "is_o_series",
    "is_openai",
    "openai_efforts",
    "reasons",
]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

_CLAUDE = re.compile(r"claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?![\d])")
_OLD_CLAUDE = re.compile(r"claude-(\d)(?:[-.](\d))?-[a-z]+")
_GPT = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?!o)")
_O_SERIES = re.compile(r"o\d(?:-|$)")
_CHAT_ONLY = re.compile(r"-chat(?:-|$)")

# The most tokens that an answer may have, from this generation on; Opus 4 and 4.1 have less.
_CEILINGS: Mapping[tuple[int, int], int] = {
    (4, 7): 128_000,
    (4, 0): 64_000,
    (3, 7): 64_000,
    (3, 5): 8_192,
    (3, 0): 4_096,
}


def claude_generation(model: str) -> tuple[int, int] | None:
    """``(4, 7)`` of ``claude-opus-4-7-20260401``; None of a model that is no Claude's or says
    none."""
    found = _OLD_CLAUDE.search(model) or _CLAUDE.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else None


def claude_output_ceiling(model: str) -> int | None:
    """The most tokens that a model answers, if it is known."""
    generation = claude_generation(model)
    if generation is None:
        return None
    if "opus" in model and (4, 0) <= generation <= (4, 1):
        return 32_000
    if "opus" in model and generation == (4, 6):
        return 128_000
    return next((most for since, most in _CEILINGS.items() if generation >= since), None)


def is_openai(model: str) -> bool:
    """Whether a model is OpenAI's own."""
    return bool(re.match(r"(?:gpt-|chatgpt-|o\d(?:-|$))", _bare(model)))


def is_o_series(model: str) -> bool:
    """Whether a model is one of o1, o3 and o4."""
    return bool(_O_SERIES.match(_bare(model)))


def gpt_generation(model: str) -> tuple[int, int] | None:
    """``(5, 4)`` of ``gpt-5.4-mini``; None of other models."""
    found = _GPT.match(_bare(model))
    return (int(found[1]), int(found[2] or 0)) if found else None


def reasons(model: str) -> bool:
    """Whether an OpenAI model thinks before it answers, and takes no sampling parameters."""
    generation = gpt_generation(model)
    is_gpt = generation is not None and generation >= (5, 0)
    return is_o_series(model) or (is_gpt and not _CHAT_ONLY.search(model))


def openai_efforts(model: str) -> tuple[str, ...]:
    """The efforts that a reasoning model of OpenAI's knows."""
    generation = gpt_generation(model)
    if generation is None:
        return EFFORTS[2:5]
    if generation == (5, 0):
        return EFFORTS[1:5]
    if generation == (5, 1):
        return ("none", *EFFORTS[2:5])
    if generation < (5, 6):
        return ("none", *EFFORTS[2:6])
    return ("none", *EFFORTS[2:])


def _bare(model: str) -> str:
    """A model's name without what a gateway puts before it."""
    return model.rpartition("/")[2]
