"""Envoy's own replies for which it has no words, or none that help who made the request.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extproc.bootstrap.header_limits import TOO_LARGE
from extproc.contract import ERROR_DETAILS, LIMIT
from extproc.core.own_replies import LIMITED_LOCALLY, LIMITS_UNKNOWN
from extproc.core.rate_limit_words import used_up

__all__ = ["IN_OUR_WORDS", "OF_LIMITS", "ROUTER_FAILED", "Reply"]

_UNREADABLE: Final = (
    "This is no valid HTTP request (%RESPONSE_CODE_DETAILS%): its method, its path, the name of a "
    "header, or a length is not as it must be."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that is worded here.

    Attributes:
        details: Envoy's response code details, or how they begin, with a ``*`` behind.
        status: the status that it gets, whatever Envoy's is.
        message: may hold Envoy's command operators.
    """

    details: str
    status: int
    message: str

    @property
    def when(self) -> str:
        """Whether a reply is this one, in CEL."""
        if self.details.endswith("*"):
            return f'response.code_details.startsWith("{self.details[:-1]}")'
        return f'response.code_details == "{self.details}"'


ROUTER_FAILED: Final = Reply(
    f"{ERROR_DETAILS}*", 503, "The router is not available at the moment; please try again."
)

IN_OUR_WORDS: Final = (
    ROUTER_FAILED,
    Reply(
        "path_normalization_failed",
        400,
        "The path of this request cannot be read: it holds a '#', a '%%00' or the like.",
    ),
    Reply("overload", 503, "The router is short of memory at the moment; please try again."),
    Reply("absolute_path_rejected", 400, "The path of this request does not begin with a '/'."),
    Reply("missing_host_header", 400, "This request has no Host header."),
    # Envoy's 403 has no words, and its 501 would be tried again.
    Reply(
        "upgrade_failed",
        426,
        "WebSocket is not served here, nor any other upgrade: send a POST over HTTP.",
    ),
    Reply(
        "http1.invalid_transfer_encoding",
        400,
        "This transfer-encoding is not understood here: send the body as it is, or in chunks. "
        "It may be compressed by a content-encoding.",
    ),
    Reply("http1.too_many_headers", 431, TOO_LARGE),
    Reply("http1.headers_too_large", 431, TOO_LARGE),
    Reply("http1.*", 400, _UNREADABLE),
    Reply("http.*", 400, _UNREADABLE),
)
"""The first that fits counts."""

OF_LIMITS: Final = (
    Reply(LIMITED_LOCALLY, 429, used_up(f"'%RESP({LIMIT})%'", "%RESP(retry-after)%")),
    Reply(
        LIMITS_UNKNOWN,
        503,
        "The limits of this request cannot be looked up at the moment; please try again.",
    ),
)
"""What Envoy says where it keeps limits; our rate limit service has its own words."""
