"""The routes of the providers' other paths: which of them Python reads the body of.

Whoever has a plan from Python matches another route already; these are for requests as they come.
Methods that are not listed here (``OPTIONS``, ``HEAD``) are no calls of these APIs.
"""

from __future__ import annotations

from extproc.bootstrap.answers import unplanned
from extproc.bootstrap.ingress_processors import instead
from extproc.bootstrap.processors import filter_name
from extproc.bootstrap.typed import regex
from extproc.contract import Role
from extproc.core.config import Config
from extproc.core.models import Dialect
from extproc.dialects.api_paths import API, FAMILIES, UPLOADS
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS
from extproc.envoy_api.messages import HeaderMatcher, RegexMatcher, Route, RouteMatch

__all__ = ["api_routes"]

_WITH_BODY = "POST|PUT|PATCH"
_ALL = f"GET|DELETE|{_WITH_BODY}"
_BYTES = "(application/octet-stream|audio/|image/|video/).*"
"""Types of bodies that hold no model's name."""


def api_routes(config: Config) -> list[Route]:
    """The routes of all paths under ``/v1`` that are not endpoints, first match first.

    They differ by dialect only where that has words of its own for errors.

    Args:
        config: for the guards that may look at answers.
    """
    uploads = RouteMatch(
        safe_regex=RegexMatcher(regex=UPLOADS), headers=[_fits(":method", _WITH_BODY)]
    )
    apart = [
        (f"{path}/", dialect)
        for path, dialect in FAMILIES.items()
        if DIALECTS[dialect].errors is not DIALECTS[DEFAULT_DIALECT].errors
    ]
    return [
        _asking(Role.BY_ID, uploads, DEFAULT_DIALECT, config),
        *(
            route
            for prefix, dialect in (*apart, (f"{API}/", DEFAULT_DIALECT))
            for route in _routes(prefix, dialect, config)
        ),
    ]


def _routes(prefix: str, dialect: Dialect, config: Config) -> list[Route]:
    named = RouteMatch(
        prefix=prefix,
        headers=[_fits(":method", _WITH_BODY), _fits("content-type", _BYTES, inverted=True)],
    )
    other = RouteMatch(prefix=prefix, headers=[_fits(":method", _ALL)])
    return [
        _asking(Role.BY_MODEL, named, dialect, config),
        _asking(Role.BY_ID, other, dialect, config),
    ]


def _fits(header: str, expression: str, *, inverted: bool = False) -> HeaderMatcher:
    return HeaderMatcher(
        name=header,
        string_match=regex(expression),
        invert_match=inverted,
        treat_missing_header_as_empty=True,
    )


def _asking(role: Role, match: RouteMatch, dialect: Dialect, config: Config) -> Route:
    return unplanned(match, dialect, {filter_name(Role.INGRESS): instead(role, config)})
