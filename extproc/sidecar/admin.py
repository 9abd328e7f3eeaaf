"""Envoy's admin interface, on its Unix socket.

https://www.envoyproxy.io/docs/envoy/v1.40.0/operations/admin

It is asked by httpcore, on which httpx is built: that loads its own command line as well, and every
start would wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import httpcore

from extproc.contract import ATTEMPTS_CLUSTER

__all__ = ["Admin", "InFlight", "NoAnswerError", "NobodyThereError", "Refused"]

_REQUESTS = "http.ingress.downstream_rq_active"
_ATTEMPTS = f"cluster.{ATTEMPTS_CLUSTER}.upstream_rq_active"

_CONNECTIONS = "http.ingress.downstream_cx_active"
_REFUSED_CONNECTIONS = "listener.ingress.downstream_global_cx_overflow"
_REFUSED_REQUESTS = "http.ingress.downstream_rq_overload_close"
_STOPPED_LISTENERS = "listener_manager.listener_stopped"

_SECONDS: Final = 2.0
_PATIENCE: Final = dict.fromkeys(("connect", "read", "write", "pool"), _SECONDS)


class NoAnswerError(Exception):
    """Envoy did not answer."""


class NobodyThereError(NoAnswerError):
    """Nobody listens at its socket."""


@dataclass(frozen=True, slots=True)
class Refused:
    """How many connections and requests of clients Envoy has refused so far, to spare itself."""

    connections: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class InFlight:
    """How many requests clients have begun, and for how many of them a provider is being asked."""

    requests: int
    attempts: int


class Admin:
    """What the supervisor asks of a running Envoy.

    All that asks it raises NoAnswerError where Envoy does not answer within two seconds, but for
    ``ready`` and ``answers``.
    """

    def __init__(self, socket: Path) -> None:
        self._pool = httpcore.AsyncConnectionPool(uds=str(socket))

    async def ready(self) -> bool:
        """Whether Envoy has initialized all clusters and listens."""
        return await self._status() == HTTPStatus.OK

    async def answers(self) -> bool:
        """Whether Envoy says anything at all."""
        return await self._status() is not None

    async def send_elsewhere(self) -> None:
        """Close each connection after its next answer, and have ``/healthz`` answer 503.

        Requests in flight go on: with ``Connection: close`` on HTTP/1.1, on HTTP/2 with GOAWAY. New
        connections are still taken.
        """
        # An Envoy that fails its health check closes connections: DrainManagerImpl::drainClose.
        await self._ask("POST", "/healthcheck/fail")

    async def take_clients_again(self) -> bool:
        """Undo ``send_elsewhere``; False where sockets are closed already, which nothing undoes."""
        if any(await self._counts(_STOPPED_LISTENERS)):
            return False
        await self._ask("POST", "/healthcheck/ok")
        return True

    async def end(self) -> None:
        """Have Envoy end, without regard to requests in flight."""
        await self._ask("POST", "/quitquitquit")

    async def stop_accepting(self) -> None:
        """Take no further connections, and close each of those there are after its next answer."""
        await self.send_elsewhere()
        await self.stop_listening()

    async def stop_listening(self) -> None:
        """Close the sockets at which clients connect, and nothing else."""
        await self._ask("POST", "/drain_listeners?inboundonly")

    async def close_connections(self) -> None:
        """Close each connection after its next answer, and go on saying that all is well: another
        Envoy serves clients at the same address."""
        await self._ask("POST", "/drain_listeners?graceful&skip_exit")

    async def in_flight(self) -> InFlight:
        """How many requests Envoy is busy with."""
        return InFlight(*await self._counts(_REQUESTS, _ATTEMPTS))

    async def connections(self) -> tuple[int, Refused]:
        """How many connections clients have, and what Envoy has refused."""
        names = (_CONNECTIONS, _REFUSED_CONNECTIONS, _REFUSED_REQUESTS)
        active, *refused = await self._counts(*names)
        return active, Refused(*refused)

    async def close(self) -> None:
        await self._pool.aclose()

    async def _counts(self, *names: str) -> list[int]:
        """What these statistics say; one that is not there yet is 0."""
        filtering = f"^({'|'.join(names)})$"
        response = await self._ask("GET", f"/stats?{urlencode({'filter': filtering})}")
        counts = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
        return [int(counts.get(name, 0)) for name in names]

    async def _status(self) -> int | None:
        try:
            return (await self._ask("GET", "/ready")).status
        except NoAnswerError:
            return None

    async def _ask(self, method: str, target: str) -> httpcore.Response:
        try:
            return await self._pool.request(
                method, f"http://envoy{target}", extensions={"timeout": _PATIENCE}
            )
        except httpcore.ConnectError as error:
            raise NobodyThereError("nobody listens at its admin socket") from error
        except httpcore.TimeoutException as error:
            raise NoAnswerError(f"no answer within {_SECONDS:g} s") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NoAnswerError(f"no whole answer ({type(error).__name__})") from error
