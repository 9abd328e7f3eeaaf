"""What must be known before Envoy and the router are started."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

import certifi

from extproc.config.units import overlap
from extproc.core.config import Admin, Config, Secrets
from extproc.errors import StartError

__all__ = [
    "authorities",
    "check_port",
    "envoys_environment",
    "kept_port",
    "pythons_environment",
    "tell_of_proxies",
    "with_admin_port",
]

_log = logging.getLogger(__name__)

_ADVICE = {
    errno.EADDRINUSE: "Stop what listens there, or change {key}.",
    errno.EADDRNOTAVAIL: "No interface of this machine has this address: change {address_key}.",
    errno.EACCES: "Ports below 1024 are for those who have the right CAP_NET_BIND_SERVICE: give it "
    "(systemd: AmbientCapabilities=), or change {key}.",
}
"""What to do about an address that cannot be had, by errno."""

_SYSTEM_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def authorities() -> str:
    """The system's certificate authorities, or the bundle that Python's HTTP client brings."""
    found = (path for path in _SYSTEM_AUTHORITIES if Path(path).exists())
    return next(found, certifi.where())


def check_port(address: str, port: int, key: str, address_key: str | None = None) -> None:
    """See that nobody else listens where we are going to.

    Arguments and errors are those of ``kept_port``.
    """
    with kept_port(address, port, key, address_key):
        pass


@contextlib.contextmanager
def kept_port(address: str, port: int, key: str, address_key: str | None = None) -> Iterator[None]:
    """See that nobody else listens where Envoy is going to, and keep others away until it does.

    Envoy shares its port willingly, and takes seconds to start: of two sidecars that are started at
    the same time, each would get half of the other's requests. So the port is bound meanwhile, in a
    way that Envoy can bind it as well (SO_REUSEPORT: ``man 7 socket``), and nobody's look at it.

    Args:
        address: an IP address of this machine.
        port: the port; 0 is any that is free.
        key: where the configuration names the port.
        address_key: where it names the address, if that is elsewhere.

    Raises:
        StartError: somebody listens there, the address is not this machine's, or we may not.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            shown = f"[{address}]" if ":" in address else address
            advice = _ADVICE.get(error.errno or 0, "Change {key}.")
            raise StartError(
                f"cannot listen on {shown}:{port}: {os.strerror(error.errno or 0)}. "
                + advice.format(key=key, address_key=address_key or key)
            ) from None
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield


def with_admin_port(config: Config) -> Config:
    """The configuration with an admin port that can be had.

    Where nobody chose one and the usual one is taken, as by another sidecar on the same machine, it
    is any that is free: metrics are no reason not to carry traffic.

    Raises:
        StartError: the chosen one cannot be had.
    """
    admin, usual, listener = config.admin, Admin(), config.listener
    try:
        if overlap((admin.address, admin.port), (listener.address, listener.port)):
            raise StartError(
                f"the listener is on {listener.address}:{listener.port} itself: change "
                "dragoman.admin_address."
            )
        check_port(admin.address, admin.port, "dragoman.admin_address")
    except StartError as error:
        if (admin.address, admin.port) != (usual.address, usual.port):
            raise
        with socket.create_server((usual.address, 0)) as probe:
            port: int = probe.getsockname()[1]
        _log.warning("%s Until then, metrics and decisions are on port %d.", error, port)
        return replace(config, admin=replace(admin, port=port))
    return config


def tell_of_proxies(config: Config) -> None:
    """Say in the log which models are reached through a proxy: the environment may have said so."""
    behind: dict[str, list[str]] = {}
    for model in config.models:
        if model.proxy is not None:
            behind.setdefault(model.proxy.address, []).append(model.name)
    for proxy, names in behind.items():
        _log.info("through the proxy %s: %s", proxy, ", ".join(names))


def pythons_environment(
    environment: Mapping[str, str], config: Config, secrets: Secrets
) -> dict[str, str]:
    """The environment of Python's processes: of all secrets, they get only those that they use."""
    return _with(environment, secrets, _used_by_python(config))


def envoys_environment(
    environment: Mapping[str, str], config: Config, secrets: Secrets
) -> dict[str, str]:
    """Envoy's environment: of all secrets, it gets only the models' keys and headers, what their
    proxies want to be told, and the keys that open its listener."""
    return _with(environment, secrets, config.envoys_variables)


def _used_by_python(config: Config) -> set[str]:
    used = {config.sessions.redis_variable, config.admin.token_variable}
    if config.counters is not None:
        used.add(config.counters.redis_variable)
    if config.costs is not None:
        used.add(config.costs.token_variable)
    if config.intent.router is not None:
        used.update(config.intent.router.variables)
    return {name for name in used if name is not None}


def _with(
    environment: Mapping[str, str], secrets: Secrets, used: AbstractSet[str]
) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name not in secrets.values}
    return kept | {name: value for name, value in secrets.values.items() if name in used}
