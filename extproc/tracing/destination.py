"""Where spans go, and how: as the file says, else as the environment does.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from extproc.core.tracing import OtlpProtocol, Tracing

__all__ = ["Destination", "destination_of", "is_exported"]

_log = logging.getLogger(__name__)

_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_OFF: Final[Mapping[str, str]] = MappingProxyType(
    {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "none"}
)
_USUAL: Final[Mapping[OtlpProtocol, str]] = MappingProxyType(
    {OtlpProtocol.GRPC: "http://localhost:4317", OtlpProtocol.HTTP: "http://localhost:4318"}
)
_PORTS: Final[Mapping[str, int]] = MappingProxyType({"http": 80, "https": 443})


@dataclass(frozen=True, slots=True)
class Destination:
    """Who takes spans. ``endpoint`` is the URL that the file names, None where the SDK finds one in
    the environment; ``host`` and ``port`` are where that leads to."""

    protocol: OtlpProtocol
    endpoint: str | None
    host: str
    port: int

    def __str__(self) -> str:
        """For people: without what else an URL may hold."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} ({self.protocol})"


def destination_of(tracing: Tracing, environment: Mapping[str, str]) -> Destination:
    """Who takes spans.

    Args:
        tracing: what the file says.
        environment: what it does not say.

    Raises:
        ValueError: the environment names what is no URL.
    """
    protocol = tracing.protocol or _protocol(environment)
    said = next((environment[name] for name in _ENDPOINTS if environment.get(name)), None)
    url = tracing.endpoint or said or _USUAL[protocol]
    parts = urlsplit(url if "://" in url else f"//{url}")
    if not parts.hostname:
        raise ValueError(f"{' or '.join(_ENDPOINTS)} holds no URL such as {_USUAL[protocol]}")
    port = parts.port or _PORTS.get(parts.scheme, _PORTS["https"])
    return Destination(protocol, tracing.endpoint, parts.hostname, port)


def is_exported(environment: Mapping[str, str]) -> bool:
    """Whether the environment lets spans be exported."""
    return not any(environment.get(name, "").strip().lower() == off for name, off in _OFF.items())


def _protocol(environment: Mapping[str, str]) -> OtlpProtocol:
    said = next((environment[name] for name in _PROTOCOLS if environment.get(name)), "")
    protocol = said.strip().lower() or OtlpProtocol.GRPC
    if protocol not in tuple(OtlpProtocol):
        known = " or ".join(OtlpProtocol)
        _log.warning("spans are not sent by '%s' but by grpc; known is %s", protocol, known)
        return OtlpProtocol.GRPC
    return OtlpProtocol(protocol)
