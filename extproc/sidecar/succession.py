"""How one generation of a sidecar takes the place of another without a request being lost.

The new one starts beside the old one and listens at the same port. When all of it is ready, new
connections go to it alone, and each of the old one's connections is closed after its next answer.
The old one ends when it has nothing left to do. Until the new one is ready nothing has changed, and
one that cannot start leaves no trace.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from asyncio import FIRST_COMPLETED
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from extproc.core.config import Config, Secrets
from extproc.run_directory import LEGACY
from extproc.sidecar.admin import NoAnswerError
from extproc.sidecar.draining import drain, finish
from extproc.sidecar.generation import Generation, Premises, cancelled, generation
from extproc.sidecar.preparation import kept_port, tell_of_proxies, with_admin_port
from extproc.sidecar.steering import listening_sockets, steered_to_the_second
from extproc.sidecar.workers import lead_to_observer

__all__ = ["Succession"]

_log = logging.getLogger(__name__)

_HANDSHAKE: Final = 1.0
"""Seconds in which connections that have begun at the old Envoy's sockets come to stand, and are
taken by it."""
_CLOSING: Final = 3.0
"""Seconds after which its sockets are closed, or nobody knows when they will be."""
_IDLE: Final = 30.0
"""Seconds that idle connections to the old Envoy get to be used once more."""
_MOST_BEFORE: Final = 3
"""So many generations may be finishing what they have begun, each with its processes."""
_OBSERVER_PATIENCE: Final = 10.0


@dataclass(slots=True)
class _Held:
    """A generation and what ends it."""

    generation: Generation
    stack: AsyncExitStack
    finishing: asyncio.Task[None] | None = None
    ending: asyncio.Task[None] | None = None

    async def end(self) -> None:
        """End it, once, and completely even if whoever waits for that is cancelled."""
        self.ending = self.ending or asyncio.create_task(self.stack.aclose())
        await asyncio.shield(self.ending)


class Succession:
    """The generation that takes new connections, and those before that finish their requests."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._number = 0
        self._asked: Config | None = None
        self._current: _Held | None = None
        self._before: list[_Held] = []
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def current(self) -> Generation:
        """The generation that takes new connections."""
        if self._current is None:
            raise RuntimeError("nothing has been started")
        return self._current.generation

    async def until_failed(self) -> None:
        """Go on for as long as the current generation is supervised; raises what that fails by."""
        await asyncio.shield(self._failed)

    async def start(self, config: Config, secrets: Secrets) -> None:
        """Start the first generation.

        Raises:
            StartError: a port is taken, or a process does not become ready.
        """
        with _kept_for_envoy(config):
            started = await self._started(with_admin_port(config), secrets)
        self._asked, self._current = config, started

    async def succeed(self, config: Config, secrets: Secrets) -> None:
        """Have a new generation take the place of the current one.

        Raises:
            StartError: it cannot start; the current one goes on.
        """
        old = self._current
        if old is None:
            raise RuntimeError("nothing has been started")
        before = old.generation.config
        moves = config.listener.port != before.listener.port
        with _kept_for_envoy(config) if moves else contextlib.nullcontext():
            settled = self._with_admin_port(config, before)
            while len(self._before) >= _MOST_BEFORE:
                await self._end_the_oldest()
            self._premises.claim.remove(LEGACY)
            new = await self._started(settled, secrets)
        try:
            await self._hand_over(old.generation, new.generation)
        finally:
            # Whatever of the old one could not be reached any more: the new one is there.
            self._asked, self._current = config, new
            self._before.append(old)
            old.finishing = asyncio.create_task(self._finished(old))

    async def drain(self, patience: float) -> None:
        """Let all requests in flight finish, of every generation but those that are ending."""
        held = [each for each in (*self._before, self._current) if each is not None]
        for each in held:
            if each.finishing is not None:
                await cancelled(each.finishing)  # it would end what is drained here
        draining = [each.generation.admin for each in held if each.ending is None]
        await asyncio.gather(*(drain(admin, patience) for admin in draining))

    async def end(self) -> None:
        """End all generations at once."""
        held = [each for each in (*self._before, self._current) if each is not None]
        for each in held:
            if each.finishing is not None:
                await cancelled(each.finishing)
        await asyncio.gather(*(each.end() for each in held))
        self._failed.cancel()

    async def _started(self, config: Config, secrets: Secrets) -> _Held:
        self._number += 1
        tell_of_proxies(config)
        stack = AsyncExitStack()
        try:
            begun = await stack.enter_async_context(
                generation(self._number, config, secrets, self._premises)
            )
        except BaseException:
            await stack.aclose()
            raise
        begun.supervision.add_done_callback(self._supervision_ended)
        return _Held(begun, stack)

    def _supervision_ended(self, supervision: asyncio.Future[Any]) -> None:
        error = None if supervision.cancelled() else supervision.exception()
        if error is None or self._failed.done():
            return
        if self._current is not None and self._current.generation.supervision is supervision:
            self._failed.set_exception(error)
        else:
            _log.error("the configuration of before is not supervised any more: %r", error)

    def _with_admin_port(self, config: Config, before: Config) -> Config:
        """The same admin port as before, where the configuration says the same of it."""
        asked = self._asked.admin if self._asked else before.admin
        here = (config.admin.address, config.admin.port)
        if here == (asked.address, asked.port):
            admin = replace(config.admin, address=before.admin.address, port=before.admin.port)
            return replace(config, admin=admin)
        return with_admin_port(config)

    async def _hand_over(self, old: Generation, new: Generation) -> None:
        old.envoy.let_go()
        try:
            await self._hand_over_port(old, new)
            await old.admin.close_connections()
        except NoAnswerError as error:
            _log.warning("the Envoy of before does not answer, and is ended: %s", error)
            old.envoy.kill()
        with contextlib.suppress(OSError):
            lead_to_observer(new.directory, self._premises.claim)
        await old.deciders.observer.stop(_OBSERVER_PATIENCE)
        if not new.directory.legacy.exists():
            # It was killed, or the disk is full: the new one need not wait for anything.
            with contextlib.suppress(OSError):
                self._premises.claim.write(LEGACY, b"")

    async def _hand_over_port(self, old: Generation, new: Generation) -> None:
        listener, threads = new.config.listener, self._premises.threads
        before = old.config.listener
        if (listener.address, listener.port) != (before.address, before.port):
            await old.admin.stop_listening()
            return
        with steered_to_the_second(listener.address, listener.port, threads):
            both = listening_sockets(listener.port)
            await asyncio.sleep(_HANDSHAKE)
            await old.admin.stop_listening()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    while listening_sockets(listener.port) > both - threads:
                        await asyncio.sleep(0.02)

    async def _finished(self, held: _Held) -> None:
        old = held.generation
        patience = max(old.config.listener.timeout, old.config.drain_timeout)
        try:
            await finish(old.admin, patience, _IDLE)
        except (NoAnswerError, ValueError) as error:
            _log.warning("the Envoy of before has ended before its time: %s", error)
        await held.end()
        self._before.remove(held)
        _log.info("what the configuration of before had begun has ended")

    async def _end_the_oldest(self) -> None:
        """Have the oldest generation end, within the time that all get when the sidecar ends."""
        oldest = self._before[0]
        if oldest.finishing is None:
            raise AssertionError("it was told to finish when its place was taken")
        patience = oldest.generation.config.drain_timeout
        _log.warning(
            "%d configurations of before have requests in flight: those of the oldest get %g s",
            len(self._before),
            patience,
        )
        await asyncio.wait({oldest.finishing}, timeout=patience, return_when=FIRST_COMPLETED)
        if not oldest.finishing.done():
            await cancelled(oldest.finishing)
            await oldest.end()
            self._before.remove(oldest)


def _kept_for_envoy(config: Config) -> AbstractContextManager[None]:
    listener = config.listener
    return kept_port(listener.address, listener.port, "listeners[].port", "listeners[].address")
