"""The errors that a provider gives on command, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint

__all__ = ["HTML", "commanded"]

HTML = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
    "<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)

_INVALID = "invalid_request_error"


@dataclass(frozen=True, slots=True)
class _Known:
    """One error of OpenAI's by its code, and how Anthropic words the same."""

    message: str
    type: str = _INVALID
    param: str | None = None
    anthropic: str | None = None


_KNOWN: Mapping[str, _Known] = {
    "context_length_exceeded": _Known(
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        "131072 tokens. Please reduce the length of the messages.",
        param="messages",
        anthropic="prompt is too long: 210000 tokens > 200000 maximum",
    ),
    "unsupported_parameter": _Known(
        "Unsupported parameter: '{param}' is not supported with this model.",
        anthropic="{param}: Extra inputs are not permitted",
    ),
    "unsupported_value": _Known(
        "Unsupported value: '{param}' does not support this value with this model.",
        anthropic="{param}: Input is not supported for this model",
    ),
    "unknown_parameter": _Known(
        "Unknown parameter: '{param}'.", anthropic="{param}: Extra inputs are not permitted"
    ),
    "previous_response_not_found": _Known(
        "Previous response with id 'resp_0' not found.", param="previous_response_id"
    ),
    "invalid_encrypted_content": _Known(
        "The encrypted content could not be verified. Reason: Encrypted content could not be "
        "decrypted or parsed."
    ),
    "model_not_found": _Known(
        "The model does not exist or you do not have access to it.", anthropic="model: not found"
    ),
    "invalid_api_key": _Known("Incorrect API key provided.", anthropic="invalid x-api-key"),
    "insufficient_quota": _Known(
        "You exceeded your current quota, please check your plan and billing details.",
        type="insufficient_quota",
        anthropic="Your credit balance is too low to access the Anthropic API.",
    ),
    "rate_limit_exceeded": _Known(
        "Rate limit reached for requests.",
        type="requests",
        anthropic="This request would exceed your organization's rate limit.",
    ),
    "content_policy_violation": _Known(
        "Your request was rejected as a result of our safety system.",
        anthropic="Output blocked by content filtering policy",
    ),
    "server_error": _Known(
        "The server had an error while processing your request. Sorry about that!",
        type="server_error",
        anthropic="Internal server error",
    ),
}


def commanded(behaviour: Behaviour, *, anthropic: bool) -> Complaint:
    """The error that a behaviour with an error status asks for.

    Args:
        behaviour: its ``code`` may be any; one that is not known comes with a plain message.
        anthropic: whether to word it as Anthropic does, which has no codes.
    """
    plain = f"The fake provider answers {behaviour.status}, as it was told to."
    if behaviour.code is None:
        return Complaint(plain, status=behaviour.status)
    code, _, param = behaviour.code.partition(":")
    known = _KNOWN.get(code, _Known(plain))
    if anthropic:
        message = known.message if known.anthropic is None else known.anthropic
        # Anthropic's own types serve as codes, too.
        kind = code if code.endswith("_error") and code not in _KNOWN else None
        return Complaint(message.format(param=param), status=behaviour.status, type=kind)
    return Complaint(
        known.message.format(param=param),
        status=behaviour.status,
        type=known.type,
        code=code,
        param=param or known.param,
    )
