"""A run directory of our own, where no cleaner of temporary files comes if there is such a place.

``$XDG_RUNTIME_DIR`` is one for a user (https://specifications.freedesktop.org/basedir-spec/latest/)
and ``/run`` for the system (https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s15.html). The
temporary folder is what is left.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from extproc.errors import StartError
from extproc.run_directory import RunDirectory
from extproc.sidecar.claim import abandoned

__all__ = ["private_directory", "run_directories"]

_SYSTEMS = Path("/run")
_PREFIX = "dragoman-run-"
_PREPARED_AFTER = 60.0
"""Seconds after which a directory that nobody has locked is not one that is just being made."""
_ROOM = 64 * 1024
"""Bytes that have to fit: a small configuration and the bootstrap that is made of it."""


@contextlib.contextmanager
def private_directory(
    environment: Mapping[str, str], workers: int, system: Path = _SYSTEMS
) -> Iterator[RunDirectory]:
    """Make a directory that only we can enter, and remove it on leaving.

    Those beside it that a killed supervisor has left behind are removed too.

    Args:
        environment: where ``XDG_RUNTIME_DIR`` may be set.
        workers: how many of them will have a socket there.
        system: where programs that run as root keep their sockets.

    Raises:
        StartError: there is no place for it.
    """
    directory = _made(environment, workers, system)
    try:
        yield directory
    finally:
        shutil.rmtree(directory.path, ignore_errors=True)


def run_directories(environment: Mapping[str, str], system: Path = _SYSTEMS) -> Iterator[Path]:
    """Directories that were made here, in the places where one would be made now.

    Args:
        environment: as for ``private_directory``.
        system: as there.
    """
    for place in dict.fromkeys(_places(environment, system)):
        yield from sorted(place.glob(f"{_PREFIX}*"))


def _made(environment: Mapping[str, str], workers: int, system: Path) -> RunDirectory:
    troubles = []
    for place in _places(environment, system):
        try:
            return _made_in(place, workers)
        except OSError as error:
            troubles.append(f"in {place}: {os.strerror(error.errno or 0)}")
        except StartError as error:
            troubles.append(str(error))
    raise StartError(
        f"no directory can be made for the sockets that Envoy and the router meet at: "
        f"{'; '.join(troubles)}. Set XDG_RUNTIME_DIR or TMPDIR to a directory that can be "
        "written to."
    )


def _places(environment: Mapping[str, str], system: Path) -> Iterator[Path]:
    """Where to try, best place first. That of another user, as after ``sudo``, is not ours."""
    users = Path(environment.get("XDG_RUNTIME_DIR", ""))
    if users.is_absolute() and users.is_dir() and users.stat().st_uid == os.geteuid():
        yield users
    if os.access(system, os.W_OK | os.X_OK):
        yield system
    try:
        yield Path(tempfile.gettempdir())
    except FileNotFoundError:
        yield Path(environment.get("TMPDIR", "/tmp"))  # noqa: S108 - only to say what is wrong with it


def _made_in(place: Path, workers: int) -> RunDirectory:
    _tidy(place)
    path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    directory = RunDirectory(path, workers)
    try:
        directory.check()
        probe = path / "probe"
        probe.write_bytes(bytes(_ROOM))
        probe.unlink()
    except (OSError, StartError):
        shutil.rmtree(path, ignore_errors=True)
        raise
    return directory


def _tidy(place: Path) -> None:
    for path in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            is_old = time.time() - path.lstat().st_mtime > _PREPARED_AFTER
            if is_old and abandoned(path):
                shutil.rmtree(path, ignore_errors=True)
