"""What Anthropic's messages API refuses.

The SDK's parameter types say which members there are; the sentences are the API's own, as its users
quote them. A request with ``anthropic-beta`` or ``?beta=true`` is read by the beta types.
"""

from __future__ import annotations

import functools
import re

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict import messages_history, messages_settings
from extproc.demo.provider.strict.ask import Ask
from extproc.demo.provider.strict.flaw import Check
from extproc.demo.provider.strict.shapes import Shapes
from extproc.demo.provider.strict.words import anthropic_complaint

__all__ = ["judge"]

_INVALID = "invalid_request_error"
_VERSIONS = frozenset({"2023-01-01", "2023-06-01", "2026-10-21"})
_BETA = re.compile(r"[?&]beta=true(?:&|$)")
# The sampling parameters are no longer in the SDK; older versions of the API take them.
_MORE = {
    "stream": bool,
    "temperature": float,
    "top_p": float,
    "top_k": int,
}


def judge(ask: Ask) -> Complaint | None:
    """The error with which Anthropic answers a request; None if it serves it."""
    return (
        _headers(ask) or _shape(ask) or messages_settings.judge(ask) or messages_history.judge(ask)
    )


def _headers(ask: Ask) -> Complaint | None:
    version = ask.header("anthropic-version")
    if version is None:
        return Complaint("anthropic-version: header is required", type=_INVALID)
    if version not in _VERSIONS:
        return Complaint(
            f'anthropic-version: "{version}" is not a valid version; this API is versioned by date',
            type=_INVALID,
        )
    return None


def _shape(ask: Ask) -> Complaint | None:
    is_beta = bool(_BETA.search(ask.path)) or ask.header("anthropic-beta") is not None
    flaw = _check(is_beta)(ask.body)
    return None if flaw is None else anthropic_complaint(flaw)


@functools.cache
def _check(is_beta: bool) -> Check:
    # Importing an SDK takes long, so it is left to the first request that needs it.
    from anthropic.types import beta, message_create_params

    params = beta.message_create_params if is_beta else message_create_params
    return Shapes().record(params.MessageCreateParamsBase, _MORE)
