"""Answers that Envoy gives itself, in JSON."""

from __future__ import annotations

from collections.abc import Mapping

from extproc.bootstrap.typed import set_headers
from extproc.core.models import Dialect
from extproc.dialects.errors import error_body
from extproc.envoy_api.messages import DataSource, DirectResponseAction, Packed, Route, RouteMatch
from extproc.errors import ClientError

__all__ = ["JSON", "direct", "unplanned"]

JSON = set_headers([("content-type", "application/json")])
"""The headers of such an answer."""


def direct(status: int, body: bytes) -> DirectResponseAction:
    """A route's action: answer this."""
    return DirectResponseAction(status=status, body=DataSource(inline_string=body.decode()))


def unplanned(
    match: RouteMatch, dialect: Dialect, consulted: Mapping[str, Packed] | None = None
) -> Route:
    """What Python answers, or sends on with a plan; until it has, nothing can be said but this."""
    error = ClientError(503, "The router gave no plan for this request; please try again.")
    return Route(
        match=match,
        direct_response=direct(error.status, error_body(dialect, error)),
        response_headers_to_add=JSON,
        typed_per_filter_config=dict(consulted or {}),
    )
