"""Where Envoy, the workers and the observer meet: in a directory that they share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extproc.errors import StartError

__all__ = ["PRESSURE", "RunDirectory"]

PRESSURE = "pressure"
"""Name of the file by which the supervisor tells Envoy how much of the machine is used."""

_LONGEST_PATH = 107
"""Bytes of a Unix socket's path on Linux: ``man 7 unix``."""


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Where ``workers`` workers, one observer and one Envoy find each other."""

    path: Path
    workers: int = 1

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
        longest = max(len(bytes(socket)) for socket in (*self.worker_sockets, self.observer_socket))
        if longest > _LONGEST_PATH:
            raise StartError(
                f"cannot listen in {self.path}: the path of a socket there would have {longest} "
                f"bytes, and {_LONGEST_PATH} is the most. Choose a shorter one (with --run-dir, or "
                "TMPDIR)."
            )

    @property
    def worker_sockets(self) -> tuple[Path, ...]:
        """Where each worker answers Envoy."""
        return tuple(self.path / f"worker-{index}.sock" for index in range(self.workers))

    @property
    def observer_socket(self) -> Path:
        """Where the observer takes Envoy's access log."""
        return self.path / "observer.sock"

    @property
    def link_socket(self) -> Path:
        """Where the observer talks with the workers."""
        return self.path / "link.sock"

    @property
    def probes(self) -> Path:
        """Where the workers settle who sends a probe."""
        return self.path / "probes"

    @property
    def pressure(self) -> Path:
        """The file of that name."""
        return self.path / PRESSURE

    @property
    def drained(self) -> Path:
        """A file that ``dragoman drain`` makes once Envoy has nothing more in flight."""
        return self.path / "drained"

    @property
    def admin_socket(self) -> Path:
        """Envoy's admin interface."""
        return self.path / "admin.sock"
