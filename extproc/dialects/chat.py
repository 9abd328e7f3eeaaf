"""OpenAI's chat completions.

Requests: https://platform.openai.com/docs/api-reference/chat/create; answers:
https://platform.openai.com/docs/api-reference/chat/object; streams:
https://platform.openai.com/docs/api-reference/chat-streaming.
"""

from __future__ import annotations

from types import MappingProxyType

from extproc.core.conversation import Conversation
from extproc.dialects.dialect import DialectSpec, Json, Sign, TokenCount
from extproc.dialects.openai_errors import OPENAI_ERRORS
from extproc.dialects.turns import listed_turns

__all__ = ["CHAT"]

_DELTA_WITHOUT_CONTENT = frozenset({"role"})


def _conversation(document: Json) -> Conversation:
    return listed_turns(document, "messages")


def _sign(event: Json) -> Sign:
    if event.get("error"):
        return Sign.ERROR
    return _sign_of_choices(event["choices"]) if "choices" in event else Sign.CONTENT


def _sign_of_choices(choices: object) -> Sign:
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        if choice.get("finish_reason"):
            return Sign.CONTENT
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            continue
        if any(value for key, value in delta.items() if key not in _DELTA_WITHOUT_CONTENT):
            return Sign.CONTENT
    return Sign.NOTHING_YET


def _finishes(event: Json) -> bool:
    choices = event.get("choices")
    return any(
        isinstance(choice, dict) and bool(choice.get("finish_reason"))
        for choice in (choices if isinstance(choices, list) else ())
    )


CHAT = DialectSpec(
    endpoint="/v1/chat/completions",
    path_ending="/chat/completions",
    errors=OPENAI_ERRORS,
    conversation=_conversation,
    sign=_sign,
    usage_paths=MappingProxyType(
        {
            TokenCount.PROMPT: ("usage.prompt_tokens",),
            TokenCount.COMPLETION: ("usage.completion_tokens",),
            TokenCount.TOTAL: ("usage.total_tokens",),
            TokenCount.PROMPT_CACHED: (
                "usage.prompt_cache_hit_tokens",  # DeepSeek's
                "usage.prompt_tokens_details.cached_tokens",
            ),
            TokenCount.PROMPT_WRITTEN: ("usage.prompt_tokens_details.cache_write_tokens",),
            TokenCount.REASONING: ("usage.completion_tokens_details.reasoning_tokens",),
            TokenCount.INPUT_AUDIO: ("usage.prompt_tokens_details.audio_tokens",),
            TokenCount.OUTPUT_AUDIO: ("usage.completion_tokens_details.audio_tokens",),
        }
    ),
    id_header="x-request-id",
    finishes=_finishes,
)
