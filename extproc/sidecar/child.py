"""A child process that is kept alive: started again when it dies, with growing pauses."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence

from extproc.sidecar.parent_death import ending_with_parent

__all__ = ["Child", "ending_in_words"]

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_STABLE_AFTER = 30.0
"""Seconds after which a child that dies is not taken for one that cannot start."""


def _nothing() -> None:
    return None


class Child:
    """One supervised process.

    Args:
        name: how the log calls it.
        command: the program and its arguments.
        environment: its whole environment.
        prepare: called before each start, to write the files that the process reads; an OSError of
            it means that the process cannot be started now.
        stdout: descriptor of its standard output, which is nowhere by default.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        prepare: Callable[[], object] = _nothing,
        stdout: int = subprocess.DEVNULL,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._prepare = prepare
        self._stdout = stdout
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process id, None while it does not run."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def is_kept(self) -> bool:
        """Whether it is to be started again when it ends."""
        return not self._stopping

    async def start(self) -> None:
        """Start the process, in a session of its own so that Ctrl-C reaches only the supervisor.

        Raises:
            OSError: its files cannot be written, or no process can be had.
        """
        self._prepare()
        self._process = await asyncio.create_subprocess_exec(
            *ending_with_parent(self._command),
            env=dict(self._environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._stdout,
            start_new_session=True,
        )

    async def wait(self) -> int:
        """Wait until the process ends; its exit code, negative for a signal."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return await self._process.wait()

    async def keep_alive(self) -> None:
        """Start the process again whenever it ends, until stopped. Returns never else."""
        pause = _FIRST_PAUSE
        loop = asyncio.get_running_loop()
        started: float | None = loop.time()
        trouble = ""
        while True:
            if started is not None:
                trouble = ending_in_words(await self.wait())
                if loop.time() - started > _STABLE_AFTER:
                    pause = _FIRST_PAUSE
            if self._stopping:
                return
            _log.error("%s %s; starting it again in %.1f s", self.name, trouble, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            started = None
            if not self._stopping:
                try:
                    await self.start()
                except OSError as error:
                    trouble = f"could not be started: {error}"
                    continue
                started = loop.time()
                _log.warning("%s is back (pid %s)", self.name, self.pid)

    def let_go(self) -> None:
        """Do not start the process again when it ends."""
        self._stopping = True

    def kill(self) -> None:
        """End the process at once; ``keep_alive`` starts it again."""
        self._send(signal.SIGKILL)

    async def stop(self, patience: float) -> None:
        """End the process for good: SIGTERM, and SIGKILL after ``patience`` seconds."""
        self.let_go()
        if self.pid is None:
            return
        self._send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.wait(), patience)
        except TimeoutError:
            self._send(signal.SIGKILL)
            await self.wait()

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def ending_in_words(code: int) -> str:
    """How a process has ended.

    Args:
        code: its exit code, negative for a signal.
    """
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was killed by {signal.Signals(-code).name}"
