"""Ends a program together with the process that started it, however that one ends.

A supervisor that is killed outright cannot stop its children; Linux can
(``man 2 prctl``, PR_SET_PDEATHSIG). Elsewhere the program is simply run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["ending_with_parent"]

_PR_SET_PDEATHSIG = 1


def ending_with_parent(command: Sequence[str]) -> list[str]:
    """The command that runs ``command`` until it ends or this process does.

    Python is started as a bare one (``-I``, ``-S``): it needs none of the environment's packages,
    and to find out what these are takes longer than all else that it does.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main() -> None:
    parent, program, *arguments = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):
            sys.exit("the supervisor has ended already")
    try:
        os.execv(program, [program, *arguments])  # noqa: S606 - no shell, by intention
    except OSError as error:
        sys.exit(f"{program} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main()
