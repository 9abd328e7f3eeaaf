"""The proxies of ``model_providers``: what an entry says, else what the environment does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc import providers
from extproc.config.environment import expanded
from extproc.config.proxies import ProxyUrl, ProxyUrlError, proxy_variable
from extproc.config.secrets.collector import SecretCollector
from extproc.config.sections.provider_entries import ProviderEntry
from extproc.core.models import Endpoint, Proxy
from extproc.core.problems import Problem, place

__all__ = ["look_up_proxies", "proxy_of"]


@dataclass(frozen=True, slots=True)
class _Named:
    """The URL of a proxy, and the variable that holds it, if that is the environment's own."""

    url: str
    variable: str | None = None


def look_up_proxies(
    key: str, entries: Mapping[int, ProviderEntry], secrets: SecretCollector
) -> None:
    """Look up what proxies want to be told, and what is wrong with their URLs.

    What is wrong with the environment is said once, at the first entry that it concerns.
    """
    faulty: set[str] = set()
    for index, entry in entries.items():
        path = place(key, index, "proxy")
        named = _named(entry, _endpoint(entry), secrets.environ)
        if named is None or named.variable in faulty:
            continue
        try:
            authorization = ProxyUrl.parse(named.url).authorization
        except ProxyUrlError as error:
            fault = str(error)
            if named.variable is not None:
                faulty.add(named.variable)
                fault = (
                    f"environment variable {named.variable} {fault}; "
                    "to reach providers without a proxy write proxy: false"
                )
            secrets.problems.append(Problem(path, fault))
        else:
            if authorization is not None:
                secrets.keep(authorization, path)


def proxy_of(
    entry: ProviderEntry, endpoint: Endpoint, path: str, secrets: SecretCollector
) -> Proxy | None:
    """The proxy of a valid entry, what is secret of it having been looked up.

    Args:
        entry: the entry.
        endpoint: where its provider is.
        path: the entry's place in the file.
        secrets: those that have been looked up.
    """
    named = _named(entry, endpoint, secrets.environ)
    if named is None:
        return None
    url = ProxyUrl.parse(named.url)
    return Proxy(url.scheme, url.host, url.port, secrets.variables.get(f"{path}.proxy"))


def _named(
    entry: ProviderEntry, endpoint: Endpoint | None, environ: Mapping[str, str]
) -> _Named | None:
    if isinstance(entry.proxy, str):
        missing: set[str] = set()
        url = expanded(entry.proxy, environ, missing)
        return None if missing else _Named(url)
    if entry.proxy is False or endpoint is None:
        return None
    variable = proxy_variable(endpoint, environ)
    return None if variable is None else _Named(environ[variable].strip(), variable)


def _endpoint(entry: ProviderEntry) -> Endpoint | None:
    """Where the entry's provider is; None where the entry is wrong about it."""
    name = entry.model.partition("/")[0]
    provider = providers.spoken_to(name, entry.provider_interface)
    try:
        return providers.settle(provider, base_url=entry.base_url).endpoint if provider else None
    except providers.BaseUrlError:
        return None
