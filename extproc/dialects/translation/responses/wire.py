"""Ids that fit OpenAI's limits. Whatever is made up here is derived,
never random: the same input gives the same output."""

from __future__ import annotations

import re

from extproc.dialects.translation.common.identifiers import digest, shortened

__all__ = ["LONGEST_NAME", "MARK", "call_id", "is_made_here", "item_id", "response_id"]

LONGEST_NAME = 64
"""Of a tool and of a call, https://platform.openai.com/docs/api-reference/responses/create."""

MARK = "_dragoman_"
"""In the ids of all items that were translated into this dialect."""

_LONGEST_SUFFIX = 96
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_KIND_OF_ID = re.compile(r"^(?:resp_|msg_|chatcmpl-|chatcmpl_|gen-)")


def call_id(given: str) -> str:
    """A call's id as OpenAI takes it: at most 64 characters."""
    return shortened(given, LONGEST_NAME)


def response_id(provider_id: str, request_id: str) -> str:
    """The id of a response made of a provider's answer.

    Args:
        provider_id: the answer's; "" where the provider told none.
        request_id: stands in for it then.
    """
    own = _KIND_OF_ID.sub("", provider_id) or request_id
    return f"resp_{_NOT_IN_NAMES.sub('', own)[:_LONGEST_SUFFIX] or digest(own)[:32]}"


def item_id(kind: str, response: str, index: int) -> str:
    """The id of a response's item: ``kind`` is ``msg``, ``fc`` or ``rs``."""
    return f"{kind}{MARK}{response.removeprefix('resp_')}_{index}"


def is_made_here(item: object) -> bool:
    """Whether an item of a history has an id of :func:`item_id`, which no provider knows."""
    own_id = item.get("id") if isinstance(item, dict) else None
    return isinstance(own_id, str) and MARK in own_id
