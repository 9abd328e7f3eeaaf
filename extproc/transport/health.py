"""The health checks of a process: whether it serves, and whether it knows what it is going to know.

https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from extproc.transport.calls import Call, Service

__all__ = ["INFORMED", "PATH", "SERVING", "health_request", "health_service"]

INFORMED: Final = "informed"
"""The health check of this name is passed once what is served knows what it is going to know."""

SERVING: Final = b"\x08\x01"
_NOT_SERVING: Final = b"\x08\x02"
"""grpc.health.v1.HealthCheckResponse with these statuses."""

_NAME: Final = "grpc.health.v1.Health"
_METHOD: Final = "Check"
PATH: Final = f"/{_NAME}/{_METHOD}"


def health_request(service: str = "") -> bytes:
    """grpc.health.v1.HealthCheckRequest for a service; Envoy asks for the one without a name."""
    name = service.encode()
    return bytes([0x0A, len(name)]) + name if name else b""


def health_service(informed: Callable[[], bool]) -> Service:
    """Answers health checks.

    Args:
        informed: what the check ``INFORMED`` tells.
    """
    asks_informed = health_request(INFORMED)

    async def check(call: Call) -> None:
        request = await call.read()
        serving = request != asks_informed or informed()
        await call.write(SERVING if serving else _NOT_SERVING)

    return Service(_NAME, _METHOD, bytes, check)
