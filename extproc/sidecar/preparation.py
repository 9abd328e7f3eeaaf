"""What must be known before Envoy and the router are started."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import certifi

from extproc.config.values import Config, Listener, Secrets
from extproc.errors import StartError

__all__ = ["authorities", "check_port", "without_foreign_keys"]

_SYSTEM_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def authorities() -> str:
    """The system's certificate authorities, or the bundle that Python's HTTP client brings."""
    found = (path for path in _SYSTEM_AUTHORITIES if Path(path).exists())
    return next(found, certifi.where())


def check_port(listener: Listener) -> None:
    """Envoy shares its port willingly; another listener there would get half of the requests.

    Raises:
        StartError: somebody listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in listener.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.address, listener.port))
        except OSError as error:
            raise StartError(
                f"cannot listen on {listener.address}:{listener.port}: "
                f"{os.strerror(error.errno or 0)}. "
                "Stop what listens there, or change listeners[].port."
            ) from None


def without_foreign_keys(
    environment: Mapping[str, str], config: Config, secrets: Secrets
) -> dict[str, str]:
    """The router's environment: of all keys, it gets only that of a remote intent router."""
    kept = {name: value for name, value in environment.items() if name not in secrets.values}
    if (model := config.intent.router) is not None:
        kept |= {each.variable: secrets.values[each.variable] for each in model.credentials}
    return kept
