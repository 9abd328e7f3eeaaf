"""``python -m extproc.cli``: the ``dragoman`` command."""

import sys

from extproc.cli.arguments import main

if __name__ == "__main__":
    sys.exit(main())
