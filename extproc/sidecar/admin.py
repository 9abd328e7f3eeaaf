"""Envoy's admin interface, on its Unix socket.

https://www.envoyproxy.io/docs/envoy/v1.40.0/operations/admin
"""

from __future__ import annotations

from pathlib import Path

import httpx

__all__ = ["Admin"]


class Admin:
    """What the supervisor asks of a running Envoy."""

    def __init__(self, socket: Path) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(socket))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://envoy", timeout=2)

    async def ready(self) -> bool:
        """Whether Envoy has initialized all clusters and listens."""
        try:
            response = await self._client.get("/ready")
        except httpx.TransportError:
            return False
        return response.status_code == httpx.codes.OK

    async def stop_accepting(self) -> None:
        """Close the ingress listener; requests in flight go on."""
        await self._client.post("/drain_listeners", params={"inboundonly": ""})

    async def active_requests(self) -> int:
        """How many client requests are in flight."""
        name = "http.ingress.downstream_rq_active"
        response = await self._client.get("/stats", params={"filter": f"^{name}$"})
        return int(response.text.rpartition(":")[2] or 0)

    async def close(self) -> None:
        await self._client.aclose()
