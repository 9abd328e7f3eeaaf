"""Answers that Envoy gives itself, in JSON."""

from __future__ import annotations

from envoy_data_plane.envoy.config.core.v3 import DataSource
from envoy_data_plane.envoy.config.route.v3 import DirectResponseAction

from extproc.bootstrap.typed import set_headers
from extproc.core.models import Dialect
from extproc.dialects.errors import error_body
from extproc.errors import ClientError

__all__ = ["JSON", "direct", "unplanned"]

JSON = set_headers([("content-type", "application/json")])
"""The headers of such an answer."""


def direct(status: int, body: bytes) -> DirectResponseAction:
    """A route's action: answer this."""
    return DirectResponseAction(status=status, body=DataSource(inline_string=body.decode()))


def unplanned(dialect: Dialect) -> DirectResponseAction:
    """The action of the route that a request has before Python has seen it."""
    error = ClientError(503, "The router gave no plan for this request; please try again.")
    return direct(error.status, error_body(dialect, error))
