"""Envoy's response flags: how each is written, what it means for an answer, and plain words for it.

What an attempt's end means, Envoy's retry policy, receipts and spans go by this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = [
    "FLAGS",
    "REQUEST_TIMEOUT",
    "Flag",
    "breaks_off",
    "flags_in_words",
    "flags_of_lost_connections",
    "gives_up",
]


@dataclass(frozen=True, slots=True)
class Flag:
    """One of the flags: its short name, whether an answer that carries it broke off, whether it
    means that the connection was lost, or that Envoy waited no longer, and what it is called in
    plain words (empty: by its short name)."""

    short: str
    breaks_off: bool = False
    lost: bool = False
    gives_up: bool = False
    words: str = ""


FLAGS: Final = MappingProxyType(
    {
        "downstream_connection_termination": Flag("DC"),
        "downstream_protocol_error": Flag("DPE"),
        "downstream_remote_reset": Flag("DR"),
        "duration_timeout": Flag("DT"),
        "local_reset": Flag("LR", breaks_off=True),
        "no_cluster_found": Flag("NC"),
        "no_healthy_upstream": Flag("UH", words="name not resolved"),
        "no_route_found": Flag("NR"),
        "overload_manager": Flag("OM"),
        "rate_limited": Flag("RL"),
        "response_from_cache_filter": Flag("RFCF"),
        "stream_idle_timeout": Flag("SI", breaks_off=True, gives_up=True),
        "upstream_connection_failure": Flag("UF", lost=True, words="no connection"),
        "upstream_connection_termination": Flag("UC", breaks_off=True, lost=True, words="reset"),
        "upstream_max_stream_duration_reached": Flag("UMSDR", breaks_off=True),
        "upstream_overflow": Flag("UO"),
        "upstream_protocol_error": Flag("UPE", breaks_off=True),
        "upstream_remote_reset": Flag("UR", breaks_off=True, lost=True, words="reset"),
        "upstream_request_timeout": Flag("UT", breaks_off=True, gives_up=True, words="timeout"),
        "upstream_retry_limit_exceeded": Flag("URX"),
    }
)
"""By their names in the access log's messages:
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage#response-flags"""

REQUEST_TIMEOUT: Final = FLAGS["upstream_request_timeout"].short

_BY_SHORT_NAME: Final = MappingProxyType({flag.short: flag for flag in FLAGS.values()})
_NO_FLAGS: Final = frozenset({"", "-"})


def breaks_off(flags: str) -> bool:
    """Whether an answer with these flags broke off.

    Args:
        flags: their short names, with commas between them.
    """
    return any(flag.breaks_off for flag in _known(flags))


def gives_up(flags: str) -> bool:
    """Whether these flags say that Envoy waited no longer.

    Args:
        flags: their short names, with commas between them.
    """
    return any(flag.gives_up for flag in _known(flags))


def flags_of_lost_connections() -> tuple[str, ...]:
    """The short names of the flags after which ingress tries a single candidate once more.

    Only the connection was at fault then, and no answer had begun. After any answer, errors
    included, the client's SDK tries again by itself: both doing so would multiply the attempts.
    """
    return tuple(flag.short for flag in FLAGS.values() if flag.lost)


def flags_in_words(flags: str) -> str:
    """Flags in plain words where there are some; empty if there is no flag.

    Args:
        flags: their short names, with commas between them.
    """
    if flags in _NO_FLAGS:
        return ""
    named = (_BY_SHORT_NAME.get(short, Flag(short)) for short in flags.split(","))
    return ",".join(flag.words or flag.short for flag in named)


def _known(flags: str) -> list[Flag]:
    return [_BY_SHORT_NAME[short] for short in flags.split(",") if short in _BY_SHORT_NAME]
