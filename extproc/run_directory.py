"""The sockets that Envoy, the workers and the observer meet at, in a directory that they share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["RunDirectory"]


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Where ``workers`` workers, one observer and one Envoy find each other."""

    path: Path
    workers: int = 1

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
    def admin_socket(self) -> Path:
        """Envoy's admin interface."""
        return self.path / "admin.sock"
