"""Where Envoy, the workers and the observer meet: in a directory that they share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from extproc.errors import StartError

__all__ = ["CONTROL", "LEGACY", "LINK", "OBSERVER", "PRESSURE", "RELOADS", "RunDirectory"]

CONTROL = "control.sock"
"""Name of the socket by which a sidecar is told to read its configuration again."""

RELOADS = "reloads.json"
"""Name of the file by which the supervisor tells the observer how often it has done so."""

LEGACY = "legacy.json"
"""Name of the file by which an observer leaves what it knows to that of the next generation."""

LINK = "link.sock"
OBSERVER = "observer.sock"
"""Names of the sockets by which the newest observer is found."""

PRESSURE = "pressure"
"""Name of the file by which the supervisor tells Envoy how much of the machine is used."""

_LONGEST_PATH = 107
"""Bytes of a Unix socket's path on Linux: ``man 7 unix``."""


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Where ``workers`` workers, one observer and one Envoy find each other.

    A sidecar that takes a new configuration has a ``generation`` of them for each, from 1, whose
    files begin with its number. Every generation tells the observer of the newest one: the names
    ``observer_socket`` and ``link_socket`` lead to it. Without generations the number is 0, and
    nothing begins with it.
    """

    path: Path
    workers: int = 1
    generation: int = 0

    def own_name(self, name: str) -> str:
        """What a file of this generation is called."""
        return f"{self.generation}-{name}" if self.generation else name

    def own(self, name: str) -> Path:
        """A file of this generation."""
        return self.path / self.own_name(name)

    def check(self) -> None:
        """See that sockets can be made here.

        Raises:
            StartError: there is no such directory, or its path is too long.
        """
        if not self.path.is_dir():
            raise StartError(
                f"cannot listen in {self.path}: there is no such directory. "
                "Create it, or name another with --run-dir."
            )
        sockets = (*self.worker_sockets, self.own_observer_socket)
        longest = max(len(bytes(socket)) for socket in sockets)
        if longest > _LONGEST_PATH:
            raise StartError(
                f"cannot listen in {self.path}: the path of a socket there would have {longest} "
                f"bytes, and {_LONGEST_PATH} is the most. Choose a shorter one (with --run-dir, or "
                "TMPDIR)."
            )

    @contextlib.contextmanager
    def needed_with(self, file: Path) -> Iterator[None]:
        """Say of what fails because the directory, or a file in it, is gone that this is why.

        Raises:
            StartError: something failed, and one of them is not there any more.
        """
        try:
            yield
        except Exception:
            if self.path.is_dir() and file.exists():
                raise
            raise StartError(
                f"cannot start: somebody removed {file}, or all of {self.path}."
            ) from None

    @property
    def worker_sockets(self) -> tuple[Path, ...]:
        """Where each worker answers Envoy."""
        return tuple(self.own(f"worker-{index}.sock") for index in range(self.workers))

    def worker_number(self, index: int) -> int:
        """What no other worker is called, of whichever generation."""
        return self.generation * self.workers + index

    @property
    def observer_socket(self) -> Path:
        """Where the newest observer takes Envoy's access log."""
        return self.path / OBSERVER

    @property
    def own_observer_socket(self) -> Path:
        """Where this generation's observer does."""
        return self.own(OBSERVER)

    @property
    def link_socket(self) -> Path:
        """Where the newest observer talks with the workers."""
        return self.path / LINK

    @property
    def own_link_socket(self) -> Path:
        """Where this generation's observer does."""
        return self.own(LINK)

    @property
    def reloads(self) -> Path:
        """The file of that name."""
        return self.path / RELOADS

    @property
    def legacy(self) -> Path:
        """The file of that name."""
        return self.path / LEGACY

    @property
    def probes(self) -> Path:
        """Where the workers settle who sends a probe."""
        return self.path / "probes"

    @property
    def pressure(self) -> Path:
        """The file of that name."""
        return self.own(PRESSURE)

    @property
    def drained(self) -> Path:
        """A file that ``dragoman drain`` makes once Envoy has nothing more in flight."""
        return self.path / "drained"

    @property
    def admin_socket(self) -> Path:
        """Envoy's admin interface."""
        return self.own("admin.sock")
