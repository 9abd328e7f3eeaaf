"""How response code details name the replies that are no provider's.

Python words the gate's and its own refusals, the observer those of the door, Envoy those of limits.
What an attempt's end means, what clients and receipts are told, and the access log of the
demonstration go by these names.
"""

from __future__ import annotations

from typing import Final

from extproc.contract import REPLY_DETAILS

__all__ = [
    "ENDED_UNFINISHED",
    "ENDED_WITHOUT_CONTENT",
    "ERROR_AFTER_CONTENT",
    "ERROR_FIRST",
    "LIMITED_LOCALLY",
    "LIMITS_UNKNOWN",
    "NO_CONTENT_IN_TIME",
    "OF_LIMITS",
    "USED_UP",
    "VERDICTS",
    "VERDICTS_ON_HELD",
    "code_in",
    "details_of",
    "reply_code",
]

NO_CONTENT_IN_TIME: Final = "no_content_in_time"
ERROR_FIRST: Final = "error_first"
ENDED_WITHOUT_CONTENT: Final = "ended_without_content"
VERDICTS: Final = frozenset({NO_CONTENT_IN_TIME, ERROR_FIRST, ENDED_WITHOUT_CONTENT})
"""The gate's verdicts on a provider's stream, as codes of its replies."""

ERROR_AFTER_CONTENT: Final = "error_after_content"
ENDED_UNFINISHED: Final = "ended_unfinished"
VERDICTS_ON_HELD: Final = frozenset({ERROR_AFTER_CONTENT, ENDED_UNFINISHED})
"""Its verdicts on a stream that was held to its end."""

LIMITED_LOCALLY: Final = "local_rate_limited"
LIMITS_UNKNOWN: Final = "rate_limiter_error"
"""Envoy's rate limit service could not say whether there is anything left."""
USED_UP: Final = ("request_rate_limited", LIMITED_LOCALLY)
"""A limit of ours is."""
OF_LIMITS: Final = frozenset({*USED_UP, LIMITS_UNKNOWN})
"""What Envoy says where a limit is looked up.
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details"""


def details_of(name: str, code: str | None) -> str:
    """Response code details that tell a code, in the form that Envoy's have.

    Args:
        name: who words them, as in ``extproc.contract``.
        code: a token; None or empty: they tell the name alone.
    """
    return f"{name}{{{code}}}" if code else name


def code_in(details: str, name: str) -> str | None:
    """The code in response code details, empty if they have none; None if they have another name.

    Args:
        details: what ``details_of`` may have made.
        name: as ``details_of`` was given it.
    """
    if not details.startswith(name):
        return None
    return details.removeprefix(name).strip("{}")


def reply_code(details: str) -> str | None:
    """The code of a reply that Python worded, empty if it has none; None for any other answer."""
    return code_in(details, REPLY_DETAILS)
