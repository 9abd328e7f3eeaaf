"""Makes a run directory ours alone, and writes into it the files that our processes start from.

Two routers in one directory would take each other's sockets away, and each would go on, consulted
by nobody. So the directory is locked; the lock goes with the process, however that ends. A lock on
the directory itself is also what keeps systemd's cleaner of temporary files out of it:
https://systemd.io/TEMPORARY_DIRECTORIES/
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from asyncio import FIRST_COMPLETED
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from extproc.errors import StartError
from extproc.run_directory import RunDirectory

__all__ = ["Claim", "RunDirectoryLostError", "abandoned", "claimed"]

_PERIOD = 1.0

_T = TypeVar("_T")


class RunDirectoryLostError(StartError):
    """Somebody removed the run directory, and every socket with it."""


class Claim:
    """A directory that is ours, also while somebody puts another one, or a link, in its place."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def write(self, name: str, content: bytes) -> Path:
        """Write a file for our own eyes, whole or not at all.

        Nothing is written through a symbolic link: what has the name already is replaced.

        Args:
            name: the file's name in the directory.
            content: what it is going to hold.

        Returns:
            The file's path.

        Raises:
            OSError: it cannot be written.
        """
        temporary = self._temporary(name)
        file = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._descriptor
        )
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
        os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        return self.path / name

    def link(self, name: str, target: str) -> None:
        """Let a name lead to another file of the directory, at once for whoever comes next.

        Args:
            name: the symbolic link, which may be there already.
            target: the name of the file.

        Raises:
            OSError: it cannot be made.
        """
        temporary = self._temporary(name)
        os.symlink(target, temporary, dir_fd=self._descriptor)
        os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def remove(self, *names: str) -> None:
        """Remove files, those that are there."""
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self._descriptor)

    def names(self) -> list[str]:
        """What is in the directory."""
        return os.listdir(self._descriptor)  # noqa: PTH208 - of the directory that is ours

    def _temporary(self, name: str) -> str:
        temporary = f".{name}.new"
        self.remove(temporary)
        return temporary

    async def until_lost(self) -> None:
        """Go on while the directory is where it was.

        Raises:
            RunDirectoryLostError: it is not there any more.
        """
        while True:
            self._check()
            await asyncio.sleep(_PERIOD)

    async def needed_by(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do something that needs the directory.

        Raises:
            RunDirectoryLostError: it is not there any more, whatever the work has failed by.
        """
        doing = asyncio.ensure_future(work)
        losing = asyncio.ensure_future(self.until_lost())
        try:
            await asyncio.wait((doing, losing), return_when=FIRST_COMPLETED)
            if not doing.done():
                await losing
            return await doing
        except (StartError, OSError):
            self._check()
            raise
        finally:
            doing.cancel()
            losing.cancel()
            await asyncio.wait((doing, losing))

    def _check(self) -> None:
        if not self._is_there():
            raise RunDirectoryLostError(
                f"somebody removed {self.path}, where Envoy and the router meet. Keep cleaners of "
                "temporary files out of it, or choose another place (with --run-dir, or "
                "XDG_RUNTIME_DIR)."
            )

    def _is_there(self) -> bool:
        try:
            found = self.path.lstat()
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(self._descriptor))


def _lock(path: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartError(
            f"another router is running in {path}. Stop that one, or choose another directory "
            "with --run-dir."
        ) from None
    except OSError as error:
        raise StartError(
            f"cannot lock {path}: {os.strerror(error.errno or 0)}. Choose another directory with "
            "--run-dir."
        ) from None


def abandoned(path: Path) -> bool:
    """Whether a run directory is there, is ours, and no router has it any more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def claimed(directory: RunDirectory) -> Iterator[Claim]:
    """Have a run directory for ourselves meanwhile.

    Raises:
        StartError: it is not there, another router has it, or sockets cannot be made in it.
    """
    directory.check()
    try:
        descriptor = os.open(directory.path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StartError(f"cannot use {directory.path}: {os.strerror(error.errno or 0)}.") from None
    try:
        _lock(directory.path, descriptor)
        yield Claim(directory.path.absolute(), descriptor)
    finally:
        os.close(descriptor)
