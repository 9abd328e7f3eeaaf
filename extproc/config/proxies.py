"""Proxies through which providers are reached: as an entry names them, or as the environment does.

The environment is read as curl and Go read it, which most programs follow:
https://everything.curl.dev/usingcurl/proxies/env.html, https://pkg.go.dev/golang.org/x/net/http/httpproxy.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import unquote, urlsplit

from extproc.core.models import Endpoint
from extproc.providers.base_url import DEFAULT_PORTS, HOST

__all__ = ["ProxyUrl", "ProxyUrlError", "proxy_variable"]

_VARIABLES: Final = ("https_proxy", "HTTPS_PROXY")
_EXCEPTIONS: Final = ("no_proxy", "NO_PROXY")


class ProxyUrlError(ValueError):
    """What names no proxy that can be used. Its message never repeats the URL."""


@dataclass(frozen=True, slots=True)
class ProxyUrl:
    """Where a proxy is, and what it wants to be sent as ``proxy-authorization``, if anything."""

    scheme: str
    host: str
    port: int
    authorization: str | None

    @classmethod
    def parse(cls, url: str) -> ProxyUrl:
        """Read ``http[s]://[user[:password]@]host[:port]``; without a scheme it is ``http``.

        Raises:
            ProxyUrlError: it is anything else.
        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ProxyUrlError("is not a valid URL") from None
        if parts.scheme not in DEFAULT_PORTS:
            raise ProxyUrlError("must be at http:// or https://; other kinds are not supported")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ProxyUrlError("must end behind the host and port of the proxy")
        if not HOST.fullmatch(host) or port == 0:
            raise ProxyUrlError("must be a URL such as http://proxy.example:3128")
        return cls(
            parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], _authorization(parts.netloc)
        )


def _authorization(netloc: str) -> str | None:
    """https://www.rfc-editor.org/rfc/rfc7617"""
    written, at, _ = netloc.rpartition("@")
    if not at:
        return None
    user, _, password = written.partition(":")
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def proxy_variable(endpoint: Endpoint, environ: Mapping[str, str]) -> str | None:
    """The variable of the environment that names the proxy for a provider; None where none does.

    Only providers behind TLS go through that proxy, and none on this machine does.
    """
    if not endpoint.tls or _is_local(endpoint.host):
        return None
    named = next((name for name in _VARIABLES if environ.get(name, "").strip()), None)
    exceptions = next((environ[name] for name in _EXCEPTIONS if name in environ), "")
    return None if named is None or _excepted(endpoint, _listed(exceptions)) else named


def _is_local(host: str) -> bool:
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _listed(text: str) -> list[str]:
    return [entry.lower() for entry in re.split(r"[\s,]+", text) if entry]


def _excepted(endpoint: Endpoint, entries: Iterable[str]) -> bool:
    return any(_covers(entry, endpoint.host.lower(), endpoint.port) for entry in entries)


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether an entry of ``NO_PROXY`` is for a host: a name and all names under it, an address, a
    network, each perhaps with a port; or ``*``, for all."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass  # One of the two is a name, or has a port.
    name, colon, named_port = entry.rpartition(":")
    if colon and named_port.isdigit():
        return int(named_port) == port and _covers(name, host, port)
    suffix = entry.removeprefix("*").removeprefix(".")
    return host == suffix or host.endswith(f".{suffix}")
