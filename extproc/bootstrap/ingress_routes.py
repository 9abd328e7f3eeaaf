"""The routes of ingress: what Python is asked about, and what Envoy answers itself."""

from __future__ import annotations

from extproc.bootstrap.answers import JSON, direct, unplanned
from extproc.bootstrap.api_routes import api_routes
from extproc.bootstrap.ingress_processors import instead
from extproc.bootstrap.planned_routes import planned_routes
from extproc.bootstrap.processors import filter_name, not_processed
from extproc.bootstrap.typed import matches, set_headers
from extproc.contract import DECISION_PREFIX, MODELS, Role
from extproc.core.config import Config
from extproc.core.models import Dialect
from extproc.dialects.api_paths import API
from extproc.dialects.errors import error_body
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS, ENDPOINTS
from extproc.envoy_api.messages import HeaderValueOption, Route, RouteMatch
from extproc.errors import ClientError

__all__ = ["ingress_routes"]


def ingress_routes(config: Config, attempts_cluster: str) -> list[Route]:
    """The routes of the ingress listener, first match first.

    Requests with a plan come first: clients cannot forge one, for internal headers are removed
    before any route is matched.
    """
    endpoints = [
        route
        for prefix in ("", DECISION_PREFIX)
        for path, dialect in ENDPOINTS.items()
        for route in _endpoint(prefix + path, dialect)
    ]
    models = [route for prefix in (API, "") for route in _models(prefix + MODELS, config)]
    return [
        *planned_routes(config, attempts_cluster),
        *endpoints,
        *models,
        *_near_misses(),
        *api_routes(config),
        *_nothing(),
    ]


def _answer(
    match: RouteMatch, status: int, body: bytes, headers: list[HeaderValueOption] | None = None
) -> Route:
    """A reply from Envoy alone."""
    return Route(
        match=match,
        direct_response=direct(status, body),
        response_headers_to_add=JSON + (headers or []),
        typed_per_filter_config={filter_name(Role.INGRESS): not_processed()},
    )


def _refusal(match: RouteMatch, path: str, dialect: Dialect, *allowed: str) -> Route:
    """An answer to the methods that a path does not take."""
    message = f"{path} takes {' and '.join(allowed)} only."
    error = ClientError(405, message, code="method_not_allowed")
    allow = set_headers([("allow", ", ".join(allowed))])
    return _answer(match, error.status, error_body(dialect, error), allow)


def _endpoint(path: str, dialect: Dialect) -> list[Route]:
    """An endpoint before Python has seen the request, and its refusal of other methods."""
    return [
        unplanned(RouteMatch(path=path, headers=matches({":method": "POST"})), dialect),
        _refusal(RouteMatch(path=path), path, dialect, "POST"),
    ]


def _models(path: str, config: Config) -> list[Route]:
    """The list of models and, under it, each of them."""
    consulted = {filter_name(Role.INGRESS): instead(Role.MODELS, config)}
    return [
        *(
            unplanned(
                RouteMatch(path_separated_prefix=path, headers=matches({":method": method})),
                DEFAULT_DIALECT,
                consulted,
            )
            for method in ("GET", "HEAD")
        ),
        _refusal(RouteMatch(path_separated_prefix=path), path, DEFAULT_DIALECT, *("GET", "HEAD")),
    ]


def _nowhere(match: RouteMatch, dialect: Dialect = DEFAULT_DIALECT) -> Route:
    """The answer where there is nothing."""
    endpoints = ", ".join(row.endpoint for row in DIALECTS.values())
    unknown = ClientError(
        404,
        f"There is nothing at this path. Requests go to {endpoints}, "
        f"or to one of these behind {DECISION_PREFIX} for the decision alone; "
        f"GET {API}{MODELS} lists the models; "
        f"other paths of the providers' APIs begin with {API}/.",
        code="unknown_path",
    )
    return _answer(match, unknown.status, error_body(dialect, unknown))


def _nothing() -> list[Route]:
    """The answer at all other paths, in the words of the dialect that can be told by them."""
    below = [
        (RouteMatch(path_separated_prefix=f"{prefix}{path}"), dialect)
        for prefix in ("", DECISION_PREFIX)
        for path, dialect in ENDPOINTS.items()
        if DIALECTS[dialect].errors is not DIALECTS[DEFAULT_DIALECT].errors
    ]
    return [
        _nowhere(match, dialect)
        for match, dialect in (*below, (RouteMatch(prefix="/"), DEFAULT_DIALECT))
    ]


def _near_misses() -> list[Route]:
    """The answer at paths that are nearly endpoints: no provider would say what is wrong."""
    endpoints = [row.endpoint for row in DIALECTS.values()]
    behind = [f"{path}/" for path in (API, *endpoints)]
    above = sorted({path.rpartition("/")[0] for path in endpoints} - {API})
    return [_nowhere(RouteMatch(path=path)) for path in (*behind, *above)]
