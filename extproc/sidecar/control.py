"""The socket by which commands find a running sidecar, and ``dragoman reload`` speaks to it.

It is in the run directory, which only its user can enter. ``status`` asks who is there, ``reload``
that the configuration be read again; the answer is a line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from extproc.run_directory import CONTROL
from extproc.sidecar.claim import Claim
from extproc.sidecar.private_directory import run_directories

__all__ = [
    "Outcome",
    "Report",
    "Status",
    "ask_for_reload",
    "ask_for_status",
    "control",
    "running_sidecars",
]

_HTTP: Final = 80
_LOOPBACK: Final = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}
_SOON: Final = 2.0
_RELOAD: Final = 300.0
"""Seconds after which nobody answers any more: a start takes a minute at most, and the generation
before the last may have to be waited for."""


@dataclass(frozen=True, slots=True)
class Status:
    """A running sidecar: its process, the file that its configuration is read from, and the URL of
    its admin port, as it can be reached on this machine."""

    pid: int
    config: str | None
    admin: str | None = None

    def runs_by(self, config: Path) -> bool:
        """Whether that is its file, by whatever way through the folders it is named."""
        return self.config is not None and _in_its_folder(Path(self.config)) == _in_its_folder(
            config
        )

    def has_admin_port(self, url: str) -> bool:
        """Whether that is its admin port, by whatever of this machine's own names it is named.

        Raises:
            ValueError: it is no URL.
        """
        return self.admin is not None and _host_and_port(self.admin) == _host_and_port(url)


class Outcome(StrEnum):
    """What became of a wish to read the configuration again."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of it, and in words what is different, or why it was refused."""

    outcome: Outcome
    lines: tuple[str, ...]


@contextlib.asynccontextmanager
async def control(
    claim: Claim, status: Callable[[], Status], reload: Callable[[], Awaitable[Report]]
) -> AsyncIterator[None]:
    """Answer at the socket meanwhile.

    Args:
        claim: the run directory, in which the socket is made.
        status: says who we are by now.
        reload: reads the configuration again.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            asked = (await reader.readline()).strip()
            reply = await reload() if asked == b"reload" else status()
            writer.write(json.dumps(asdict(reply)).encode() + b"\n")
            await writer.drain()
        writer.close()

    claim.remove(CONTROL)
    path = claim.path / CONTROL
    server = await asyncio.start_unix_server(answer, path)
    path.chmod(0o600)
    try:
        yield
    finally:
        server.close()
        claim.remove(CONTROL)


def running_sidecars(environment: Mapping[str, str]) -> Iterator[tuple[Path, Status]]:
    """The sidecars of this user that run on this machine, each with its run directory.

    Args:
        environment: says where run directories are made.
    """
    for directory in run_directories(environment):
        status = ask_for_status(directory)
        if status is not None:
            yield directory, status


def ask_for_status(directory: Path) -> Status | None:
    """Who runs in a directory; None where nobody answers."""
    try:
        return Status(**_asked(directory, b"status", _SOON))
    except (OSError, ValueError, TypeError):
        return None


def ask_for_reload(directory: Path) -> Report:
    """Have the sidecar in a directory read its configuration again.

    Raises:
        OSError: it does not answer.
        ValueError: what it says is not understood.
    """
    said = _asked(directory, b"reload", _RELOAD)
    try:
        return Report(Outcome(said["outcome"]), tuple(map(str, said["lines"])))
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError("no reply of this version") from error


def _asked(directory: Path, words: bytes, patience: float) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        connection.connect(str(directory / CONTROL))
        connection.sendall(words + b"\n")
        with connection.makefile("rb") as stream:
            line = stream.readline()
    if not line:
        raise ConnectionResetError("it has ended meanwhile")
    said: dict[str, Any] = json.loads(line)
    return said


def _host_and_port(url: str) -> tuple[str | None, int]:
    """What a URL leads to; ``127.0.0.1`` stands for this machine, whatever else it may say."""
    parts = urlsplit(url)
    return _LOOPBACK.get(parts.hostname or "", parts.hostname), parts.port or _HTTP


def _in_its_folder(file: Path) -> Path:
    """A file's one name. A link in the place of the file stays one: what it leads to may change."""
    return file.absolute().parent.resolve() / file.name
