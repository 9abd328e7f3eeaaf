"""How Envoy's response code details name the replies that are no provider's.

Python words the gate's, Envoy those of limits. What an attempt's end means, what clients are told
and the access log of the demonstration go by these names.
"""

from __future__ import annotations

from typing import Final

from extproc.contract import REPLY_DETAILS

__all__ = [
    "DETAILS_OF_LIMITS",
    "ENDED_UNFINISHED",
    "ENDED_WITHOUT_CONTENT",
    "ERROR_AFTER_CONTENT",
    "ERROR_FIRST",
    "LIMITED_LOCALLY",
    "LIMITS_UNKNOWN",
    "NO_CONTENT_IN_TIME",
    "OF_LIMITS",
    "VERDICTS",
    "VERDICTS_ON_HELD",
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
DETAILS_OF_LIMITS: Final = ("request_rate_limited", LIMITED_LOCALLY)
OF_LIMITS: Final = frozenset({*DETAILS_OF_LIMITS, LIMITS_UNKNOWN})
"""Envoy's response code details where a limit of ours is used up; ``LIMITS_UNKNOWN`` where its rate
limit service could not say.
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details"""


def reply_code(details: str) -> str | None:
    """The code of a reply that Python worded, empty if it has none; None for any other answer.

    Args:
        details: Envoy's response code details.
    """
    if not details.startswith(REPLY_DETAILS):
        return None
    return details.removeprefix(REPLY_DETAILS).strip("{}")
