"""What chat's requests and answers, read and written, have in common.

Defaults: https://platform.openai.com/docs/api-reference/chat/create.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BETWEEN_THOUGHTS", "NEUTRAL", "THOUGHTS"]

THOUGHTS: Final = "reasoning_content"
"""Where compatible providers give what the model thought, and some take it back. OpenAI's own chat
refuses a message that has it."""
BETWEEN_THOUGHTS: Final = "\n\n"
"""Stands between thoughts that chat has room for one of."""
NEUTRAL: Final[Mapping[str, tuple[object, ...]]] = {
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "metadata": ({},),
    "modalities": (["text"],),
    "n": (1,),
    "presence_penalty": (0,),
    "service_tier": ("auto",),
    "store": (False,),
    "top_logprobs": (0,),
    "verbosity": ("medium",),
}
"""Values that ask for nothing: chat does as much without them."""
