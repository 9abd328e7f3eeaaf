"""Keys of providers, secret headers, tokens of metric sources and the URL of Redis.

They are looked up, and set apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.config.fields import ProviderEntry
from extproc.config.reading import Sections
from extproc.config.secrets.collector import SecretCollector
from extproc.config.secrets.headers import header_secret
from extproc.config.sections.sessions import redis_variable
from extproc.config.sections.sources import CostMetricsEntry, CustomCostEntry
from extproc.core.models import Credential
from extproc.core.problems import Problem, place

__all__ = ["Headers", "Keys", "collect_keys"]


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of an entry by their names; one whose variable is empty is left out."""

    shown: Mapping[str, str]
    secret: Mapping[str, Credential]


@dataclass(frozen=True, slots=True)
class Keys:
    """The variables that hold a file's secrets, by positions.

    ``variables`` are the keys of provider entries and ``headers`` their headers; ``tokens`` are
    those of metric sources. ``redis`` is that of the sessions' Redis, ``router`` the key of the
    intent router at ``dragoman.router_url``.
    """

    variables: Mapping[int, str]
    headers: Mapping[int, Headers]
    tokens: Mapping[int, str]
    redis: str | None
    router: str | None


def collect_keys(sections: Sections, collector: SecretCollector) -> Keys:
    """Look up every secret that is used."""
    key = sections.providers_key
    variables: dict[int, str] = {}
    for index, entry in sections.providers.items():
        if entry.access_key is not None and not entry.passthrough_auth:
            variable = collector.look_up(entry.access_key, place(key, index, "access_key"))
            if variable is not None:
                variables[index] = variable
    headers = {
        index: _headers(entry, place(key, index), collector)
        for index, entry in sections.providers.items()
    }
    return Keys(
        variables,
        headers,
        _tokens(sections, collector),
        redis_variable(sections.routing, collector),
        _router(sections, collector),
    )


def _headers(entry: ProviderEntry, path: str, collector: SecretCollector) -> Headers:
    shown: dict[str, str] = {}
    secrets: dict[str, Credential] = {}
    for name, text in entry.headers.items():
        secret = header_secret(name, text, collector.environ)
        if secret is None:
            shown[name] = text
        elif secret.value and not collector.sendable(secret.value):
            message = "the value holds characters that a header cannot carry"
            collector.problems.append(Problem(f"{path}.{place('headers', name)}", message))
        elif secret.value:
            secrets[name] = secret.credential(collector.keep(secret.value, secret.variable))
    return Headers(shown, secrets)


def _tokens(sections: Sections, collector: SecretCollector) -> dict[int, str]:
    tokens: dict[int, str] = {}
    for index, entry in sections.sources.items():
        if isinstance(entry, CostMetricsEntry | CustomCostEntry) and entry.auth is not None:
            path = place("model_metrics_sources", index, "auth", "token")
            variable = collector.look_up(entry.auth.token, path)
            if variable is not None:
                tokens[index] = variable
    return tokens


def _router(sections: Sections, collector: SecretCollector) -> str | None:
    key = sections.extension.router_access_key
    return None if key is None else collector.look_up(key, place("dragoman", "router_access_key"))
