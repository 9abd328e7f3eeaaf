"""The filter at the door of ingress: who may come in, and what is left at the door.

It is a script because no filter of Envoy's does any of this: ``api_key_auth`` wants the keys in the
bootstrap, ``header_mutation`` takes parameters from a query only where they are spelled one way,
and none makes a hash. What a client's key is never leaves Envoy so; Python learns its hash, which
tells clients apart. Why somebody is turned away stays as metadata, for the access log.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

from extproc.bootstrap import lua
from extproc.bootstrap.header_limits import MOST_HEADER_BYTES, MOST_HEADERS, TOO_LARGE
from extproc.contract import CLIENT, METADATA_NAMESPACE, PATH, TURNED_AWAY
from extproc.core.config import Config
from extproc.core.models import KEY_HEADERS
from extproc.envoy_api.messages import HttpFilter

__all__ = ["CREDENTIAL_PARAMETERS", "door", "script"]

CREDENTIAL_PARAMETERS: Final = (
    "accesskey",
    "accesstoken",
    "apikey",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
    "clientsecret",
    "credential",
    "credentials",
    "idtoken",
    "jwt",
    "key",
    "password",
    "secret",
    "secretkey",
    "sessiontoken",
    "sig",
    "signature",
    "subscriptionkey",
    "token",
    "xamzcredential",
    "xamzsecuritytoken",
    "xamzsignature",
    "xapikey",
    "xgoogapikey",
)
"""Parameters of a query that hold credentials, in lower case and without what is between words."""


def script(config: Config) -> str:
    """The script that Envoy runs on each request at ingress.

    Args:
        config: for its listener, and the names that this machine goes by.
    """
    listener = config.listener
    settings: dict[str, lua.Value] = {
        "client": CLIENT,
        "path": PATH,
        "namespace": METADATA_NAMESPACE,
        "turned_away": TURNED_AWAY,
        "key_headers": KEY_HEADERS,
        "key_variables": listener.key_variables,
        "origins": _set(listener.cors_origins),
        "hosts": _set(config.hosts),
        "checks_host": ip_address(listener.address).is_loopback,
        "credentials": _set(CREDENTIAL_PARAMETERS),
        "most_headers": MOST_HEADERS,
        "most_header_bytes": MOST_HEADER_BYTES,
        "too_large": TOO_LARGE,
    }
    parts = (
        f"local settings = {lua.literal(settings)}\n",
        lua.source("sha256"),
        lua.source("door"),
    )
    return "\n".join(parts)


def door(config: Config) -> HttpFilter:
    """The filter; see :func:`script`."""
    return lua.filter_of(script(config))


def _set(members: Iterable[str]) -> dict[str, bool]:
    return dict.fromkeys(members, True)
