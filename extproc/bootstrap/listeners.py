"""What the two listeners that serve requests have in common: ingress and attempts."""

from __future__ import annotations

from typing import Final

from extproc.bootstrap.typed import http_connections, http_filter
from extproc.core.config import Config
from extproc.envoy_api.messages import (
    HttpConnectionManager,
    HttpConnectionManagerServerHeaderTransformation,
    HttpFilter,
    Listener,
    Route,
    RouteConfiguration,
    Router,
    VirtualHost,
)

__all__ = ["KEEP_SERVER_HEADER", "kept_bytes", "listener_of", "only_host", "router"]

KEEP_SERVER_HEADER: Final = HttpConnectionManagerServerHeaderTransformation.PASS_THROUGH

_SPARE_BYTES: Final = 1024 * 1024
"""Room for what a rewrite may add to a request of the largest accepted size."""


def kept_bytes(config: Config) -> int:
    """How much of a request's body is kept for further attempts: any that is accepted."""
    return config.limits.max_request_bytes + _SPARE_BYTES


def only_host(host: VirtualHost, config: Config) -> RouteConfiguration:
    """The routes of a listener, which keeps bodies of every accepted size for further attempts."""
    host.domains = ["*"]
    host.request_body_buffer_limit = kept_bytes(config)
    largest = max((_size(route) for route in host.routes), default=0)
    return RouteConfiguration(
        name=host.name, virtual_hosts=[host], max_direct_response_body_size_bytes=largest
    )


def _size(route: Route) -> int:
    answer = route.direct_response
    text = answer.body.inline_string if answer and answer.body else None
    return len((text or "").encode())


def listener_of(name: str, manager: HttpConnectionManager, buffered: int) -> Listener:
    """A listener without an address.

    Args:
        name: its name.
        manager: what becomes of its connections.
        buffered: how many bytes of a request, or of an answer, it can hold.
    """
    return Listener(
        name=name,
        stat_prefix=name,
        filter_chains=[http_connections(manager)],
        per_connection_buffer_limit_bytes=buffered,
    )


def router() -> HttpFilter:
    """The last filter of a listener."""
    return http_filter("envoy.filters.http.router", Router(suppress_envoy_headers=True))
