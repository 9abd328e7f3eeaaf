"""What becomes of a request's members that have no place in the form, at a provider of chat.

One table for what is neutral, one for what makes the candidate ineligible, one for what is carried;
all else is dropped, and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.conventions import NEUTRAL
from extproc.dialects.translation.chat.naming import OPENAI
from extproc.dialects.translation.common.finding_losses import RequestLosses
from extproc.dialects.translation.common.identifiers import token
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Severity
from extproc.dialects.translation.translator import Target

__all__ = ["carried_extras", "tell_impossible_extras"]

_NEUTRAL: Final[Mapping[str, tuple[object, ...]]] = {
    **NEUTRAL,
    "background": (False,),
    "include": ([],),
    "speed": ("standard",),
    "truncation": ("disabled",),
}
"""Chat's own, and those of what only other dialects have. A neutral ``store`` is carried where it
is known, and of no meaning elsewhere."""
_MEANINGLESS: Final = frozenset({"stream_options"})

_ONE_ANSWER: Final = "an answer is translated as one text, without the odds of its tokens"
_KEPT: Final = "only the provider that keeps it can go on from there"
_IMPOSSIBLE: Final[Mapping[str, str]] = {
    "n": _ONE_ANSWER,
    "logprobs": _ONE_ANSWER,
    "top_logprobs": _ONE_ANSWER,
    "audio": "sound is not translated",
    "modalities": "sound is not translated",
    "previous_message_id": _KEPT,
    "previous_response_id": _KEPT,
    "conversation": _KEPT,
    "prompt": "the prompt is kept by the provider that made it",
    "background": "chat answers at once",
    "max_tool_calls": "chat runs no tools by itself",
    "truncation": "chat does not shorten what is too long",
    "context_management": "chat does not shorten what is too long",
    "container": "only its provider has the container",
    "inference_geo": "no other provider is bound by where this one computes",
    "speed": "only its provider has this speed",
    "mcp_servers": "chat connects to no servers",
}
_AS_IN_RESPONSES: Final = frozenset(
    {
        "metadata",
        "moderation",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "verbosity",
    }
)
"""OpenAI's two dialects share these, name and meaning."""
_TIERS: Final[Mapping[object, str]] = {"standard_only": "default"}
"""Anthropic's word for no priority, in OpenAI's words."""
_EDITED_BY_BETA: Final = "context_management"


def _asks_for_nothing(name: str, value: object) -> bool:
    return value is None or name in _MEANINGLESS or value in _NEUTRAL.get(name, ())


def _impossible(request: Request, name: str) -> bool:
    if name == _EDITED_BY_BETA:
        # Anthropic's clears old tool results to save room; without it the request is whole.
        return request.dialect is Dialect.RESPONSES
    return name in _IMPOSSIBLE


def tell_impossible_extras(request: Request, losses: RequestLosses) -> None:
    """Tell the members that this dialect cannot serve."""
    for name, value in request.extras.items():
        if _impossible(request, name) and not _asks_for_nothing(name, value):
            losses.of(f"skipped:{token(name)}", name, _IMPOSSIBLE[name], Severity.SKIP)


def _carried(request: Request, target: Target, name: str, value: object) -> object:
    """The value under which a member is carried, None where it is not."""
    if target.provider not in OPENAI:
        return None
    if request.dialect is Dialect.MESSAGES:
        tier = isinstance(value, str) and name == "service_tier"
        return _TIERS.get(value) if tier else None
    return value if name in _AS_IN_RESPONSES else None


def carried_extras(request: Request, target: Target, losses: RequestLosses) -> dict[str, Any]:
    """The members that are carried as they are; all others are told as losses.

    Args:
        request: the client's.
        target: the model; only OpenAI itself takes all of these.
        losses: knows the impossible ones already.
    """
    carried: dict[str, Any] = {}
    for name, value in request.extras.items():
        given = _carried(request, target, name, value)
        if given is not None:
            carried[name] = given
        elif not _asks_for_nothing(name, value) and not _impossible(request, name):
            losses.of(f"dropped:{token(name)}", name, "the provider's chat does not know it")
    return carried
