"""A stand-in for a running sidecar, which commands find by its control socket."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from extproc.run_directory import CONTROL

__all__ = ["sidecar"]


@contextlib.contextmanager
def sidecar(
    place: Path,
    config: Path,
    reply: Mapping[str, Any] | None = None,
    admin: str | None = None,
) -> Iterator[None]:
    """Stands in for one that runs by a configuration: it answers at its control socket.

    Args:
        place: where run directories are made.
        config: its configuration.
        reply: what it says to ``reload``; without one, it ends as it is asked for it.
        admin: where its admin port is.
    """
    directory = place / f"dragoman-run-{config.stem}"
    directory.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(directory / CONTROL))
        listener.listen()
        listener.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    with connection:
                        asked = connection.recv(100).strip()
                        status = {"pid": 1, "config": str(config), "admin": admin}
                        said = reply if asked == b"reload" else status
                        if said is not None:
                            connection.sendall(json.dumps(said).encode() + b"\n")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
