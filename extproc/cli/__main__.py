"""``python -m extproc.cli``, and what the ``dragoman`` command calls."""

from __future__ import annotations

import sys

from extproc.core.collector import nothing_collected
from extproc.sidecar.early_signals import take_early

__all__ = ["main"]

_UNTIL_SIGNALLED = ("up", "router")
"""Commands that go on until a signal ends them, and read their configuration again at another."""


def main() -> int:
    """Run a command. To load what it needs takes a moment, in which signals are no error either."""
    try:
        if sys.argv[1:2] and sys.argv[1] in _UNTIL_SIGNALLED:
            take_early()
        with nothing_collected():
            from extproc.cli import arguments

        return arguments.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
