"""``python -m extproc.cli``, and what the ``dragoman`` command calls."""

from __future__ import annotations

import sys

from extproc.core.collector import nothing_collected

__all__ = ["main"]


def main() -> int:
    """Run a command. To load what it needs takes a moment, in which Ctrl-C is no error either."""
    try:
        with nothing_collected():
            from extproc.cli import arguments

        return arguments.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
