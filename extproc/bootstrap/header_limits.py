"""How many headers there may be on the way, and how large they may be altogether.

What clients and providers may send are Envoy's own limits. Behind the front door there is room for
more, since Envoy holds to a listener's limits also what is there once Python has added its plan:
the client's query once more, with escapes, and its path.
"""

from __future__ import annotations

from typing import Final

from extproc.bootstrap.typed import seconds
from extproc.envoy_api.messages import HttpProtocolOptions

__all__ = [
    "MOST_HEADERS",
    "MOST_HEADER_BYTES",
    "ROOM_FOR_ANSWERS",
    "ROOM_FOR_HEADERS",
    "ROOM_FOR_HEADERS_KIB",
    "TOO_LARGE",
]

MOST_HEADERS: Final = 100
MOST_HEADER_BYTES: Final = 60 * 1024
"""What a client may send, which the door sees to: there is a reason in its refusal."""

TOO_LARGE: Final = (
    f"The path and headers of this request are more than {MOST_HEADERS} "
    f"or larger than {MOST_HEADER_BYTES} bytes."
)

ROOM_FOR_HEADERS_KIB: Final = 5 * MOST_HEADER_BYTES // 1024
_LONGEST_IDLE: Final = 600.0
"""Seconds that a connection may be idle, while there are enough."""
_ROOM: Final = 10 * MOST_HEADERS
ROOM_FOR_HEADERS: Final = HttpProtocolOptions(
    max_headers_count=_ROOM, idle_timeout=seconds(_LONGEST_IDLE)
)
"""The limits of both listeners. Over HTTP/2, Envoy has no words for what is beyond them."""

ROOM_FOR_ANSWERS: Final = HttpProtocolOptions(
    max_headers_count=_ROOM, max_response_headers_kb=ROOM_FOR_HEADERS_KIB
)
"""What ingress takes from the attempt listener: a provider's headers, and what is added to them."""
