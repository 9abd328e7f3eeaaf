"""Anthropic's messages.

Requests and answers: https://docs.anthropic.com/en/api/messages; streams:
https://docs.anthropic.com/en/docs/build-with-claude/streaming; errors:
https://docs.anthropic.com/en/api/errors.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from extproc.core.conversation import Conversation
from extproc.dialects.dialect import DialectSpec, ErrorFormat, Json, TokenCount
from extproc.dialects.turns import listed_turns
from extproc.dialects.typed_events import Announcement, TypedEvents
from extproc.errors import ClientError

__all__ = ["MESSAGES"]


def _conversation(document: Json) -> Conversation:
    return listed_turns(document, "messages")


_THREAD_NOT_FOUND: Final = "thread_not_found"
_CODES: Final = frozenset({_THREAD_NOT_FOUND})
"""Those of Anthropic's own, which its SDKs act upon."""


def _error(kind: str, error: ClientError) -> Json:
    document = _local_reply(kind, error.message)
    if error.code in _CODES:
        document["error"]["details"] = {"error_code": error.code}
    return document


def _local_reply(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


_ERRORS = ErrorFormat(
    types=MappingProxyType(
        {
            401: "authentication_error",
            403: "permission_error",
            404: "not_found_error",
            413: "request_too_large",
            429: "rate_limit_error",
            504: "timeout_error",
            529: "overloaded_error",
        }
    ),
    client_fault="invalid_request_error",
    server_fault="api_error",
    document=_error,
    local_reply=_local_reply,
)

_EVENTS = TypedEvents(
    opening=frozenset({"ping", "message_start"}),
    announcements=MappingProxyType({"content_block_start": Announcement("content_block", "text")}),
    failed=frozenset({"error"}),
)


def _keeps(document: Json) -> bool:
    """Answers are kept where they belong to a thread."""
    return isinstance(document.get("thread"), dict)


MESSAGES = DialectSpec(
    endpoint="/v1/messages",
    path_ending="/messages",
    errors=_ERRORS,
    conversation=_conversation,
    sign=_EVENTS.sign,
    usage_paths=MappingProxyType(
        {
            TokenCount.INPUT: ("usage.input_tokens", "message.usage.input_tokens"),
            # A stream's first count of output is a beginning; message_delta has the whole.
            TokenCount.OUTPUT: ("message.usage.output_tokens", "usage.output_tokens"),
            # https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
            TokenCount.CACHE_READ: (
                "usage.cache_read_input_tokens",
                "message.usage.cache_read_input_tokens",
            ),
            TokenCount.CACHE_WRITTEN: (
                "usage.cache_creation_input_tokens",
                "message.usage.cache_creation_input_tokens",
            ),
            TokenCount.CACHE_WRITTEN_1H: (
                "usage.cache_creation.ephemeral_1h_input_tokens",
                "message.usage.cache_creation.ephemeral_1h_input_tokens",
            ),
            TokenCount.REASONING: (
                "message.usage.output_tokens_details.thinking_tokens",
                "usage.output_tokens_details.thinking_tokens",
            ),
        }
    ),
    id_header="request-id",
    goes_on_from="thread.previous_message_id",
    keeps=_keeps,
    lost=_THREAD_NOT_FOUND,
    own_headers=("anthropic-beta", "anthropic-version"),
    finished=frozenset({"message_stop"}),
    failed=_EVENTS.failed,
)
