"""OpenAI's responses.

Requests: https://platform.openai.com/docs/api-reference/responses/create; answers:
https://platform.openai.com/docs/api-reference/responses/object; streams:
https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from __future__ import annotations

from types import MappingProxyType

from extproc.core.conversation import Conversation, Turn
from extproc.dialects.dialect import DialectSpec, Json, TokenCount
from extproc.dialects.malformed import invalid
from extproc.dialects.openai_errors import OPENAI_ERRORS
from extproc.dialects.turns import listed_turns
from extproc.dialects.typed_events import Announcement, TypedEvents

__all__ = ["RESPONSES"]


def _conversation(document: Json) -> Conversation:
    given = document.get("input")
    if given is None and any(document.get(key) for key in ("prompt", "previous_response_id")):
        return ()
    if isinstance(given, str):
        return (Turn("user", given),) if given.strip() else ()
    if given is not None and not isinstance(given, list):
        raise invalid("input", "must be a string or an array of objects")
    return listed_turns(document, "input")


_EVENTS = TypedEvents(
    opening=frozenset(
        {
            "response.created",
            "response.queued",
            "response.in_progress",
            "response.content_part.added",
        }
    ),
    announcements=MappingProxyType({"response.output_item.added": Announcement("item", "message")}),
    failed=frozenset({"error", "response.failed"}),
)


def _keeps(document: Json) -> bool:
    """Answers are kept unless the client says otherwise."""
    return document.get("store") is not False


RESPONSES = DialectSpec(
    endpoint="/v1/responses",
    path_ending="/responses",
    errors=OPENAI_ERRORS,
    conversation=_conversation,
    sign=_EVENTS.sign,
    usage_paths=MappingProxyType(
        {
            TokenCount.INPUT: ("usage.input_tokens", "response.usage.input_tokens"),
            TokenCount.OUTPUT: ("usage.output_tokens", "response.usage.output_tokens"),
            TokenCount.INPUT_CACHED: (
                "usage.input_tokens_details.cached_tokens",
                "response.usage.input_tokens_details.cached_tokens",
            ),
            TokenCount.INPUT_WRITTEN: (
                "usage.input_tokens_details.cache_write_tokens",
                "response.usage.input_tokens_details.cache_write_tokens",
            ),
            TokenCount.REASONING: (
                "usage.output_tokens_details.reasoning_tokens",
                "response.usage.output_tokens_details.reasoning_tokens",
            ),
        }
    ),
    id_header="x-request-id",
    goes_on_from="previous_response_id",
    keeps=_keeps,
    own_headers=("openai-beta",),
    finished=frozenset({"response.completed", "response.incomplete"}),
    failed=_EVENTS.failed,
)
