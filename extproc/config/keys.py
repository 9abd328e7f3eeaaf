"""Keys of providers, secret headers, tokens of metric sources and the URL of Redis.

They are looked up, and set apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.config.header_secrets import header_secret
from extproc.config.metrics_schema import CostMetricsEntry, CustomCostEntry
from extproc.config.problems import Problem, place
from extproc.config.reading import Sections
from extproc.config.schema import ProviderEntry
from extproc.config.sessions import redis_variable
from extproc.config.values import Credential
from extproc.config.vault import Vault

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


def collect_keys(sections: Sections, vault: Vault) -> Keys:
    """Look up every secret that is used."""
    key = sections.providers_key
    variables: dict[int, str] = {}
    for index, entry in sections.providers.items():
        if entry.access_key is not None and not entry.passthrough_auth:
            variable = vault.look_up(entry.access_key, place(key, index, "access_key"))
            if variable is not None:
                variables[index] = variable
    headers = {
        index: _headers(entry, place(key, index), vault)
        for index, entry in sections.providers.items()
    }
    return Keys(
        variables,
        headers,
        _tokens(sections, vault),
        redis_variable(sections.routing, vault),
        _router(sections, vault),
    )


def _headers(entry: ProviderEntry, path: str, vault: Vault) -> Headers:
    shown: dict[str, str] = {}
    secrets: dict[str, Credential] = {}
    for name, text in entry.headers.items():
        secret = header_secret(name, text, vault.environ)
        if secret is None:
            shown[name] = text
        elif secret.value and not vault.sendable(secret.value):
            message = "the value holds characters that a header cannot carry"
            vault.problems.append(Problem(f"{path}.{place('headers', name)}", message))
        elif secret.value:
            secrets[name] = secret.credential(vault.keep(secret.value, secret.variable))
    return Headers(shown, secrets)


def _tokens(sections: Sections, vault: Vault) -> dict[int, str]:
    tokens: dict[int, str] = {}
    for index, entry in sections.sources.items():
        if isinstance(entry, CostMetricsEntry | CustomCostEntry) and entry.auth is not None:
            path = place("model_metrics_sources", index, "auth", "token")
            variable = vault.look_up(entry.auth.token, path)
            if variable is not None:
                tokens[index] = variable
    return tokens


def _router(sections: Sections, vault: Vault) -> str | None:
    key = sections.extension.router_access_key
    return None if key is None else vault.look_up(key, place("dragoman", "router_access_key"))
