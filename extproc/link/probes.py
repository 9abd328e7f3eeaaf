"""Which worker sends a probe: the first that has a request for it, and no other.

The observer offers a probe to all workers, as a number in a snapshot. Asking it for leave would put
it on a request's path, so the workers settle it among themselves, by record locks on a file that
they share: byte N of it is probe N. The kernel gives each byte to one process, and takes it back
when that process ends. Nothing is ever written, so a full disk does not matter.
"""

from __future__ import annotations

import fcntl
import logging
from io import FileIO
from pathlib import Path
from typing import Final

__all__ = ["ProbeClaims"]

_log = logging.getLogger(__name__)

_REMEMBERED: Final = 10_000
"""So many numbers later a probe is long over, and its lock can go."""


class ProbeClaims:
    """The probes that one worker process has claimed."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: the file that all workers share; it is made when it is first needed.
        """
        self._path = path
        self._file: FileIO | None = None

    def take(self, probe: int) -> bool:
        """Claim a probe, and say whether it is ours. The same process may claim it again.

        Where files cannot be locked each worker claims every probe: better one too many than none.
        """
        try:
            # Closing any handle of the file would give up all locks on it, so there is only one.
            file = self._file = self._file or self._path.open("ab", buffering=0)
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, probe)
            fcntl.lockf(file, fcntl.LOCK_UN, max(probe - _REMEMBERED, 1), 0)
        except BlockingIOError:
            return False
        except OSError as error:
            _log.warning("probes of models are not shared among workers: %s", error)
        return True

    def close(self) -> None:
        """Give up what was claimed."""
        if self._file is not None:
            self._file.close()
