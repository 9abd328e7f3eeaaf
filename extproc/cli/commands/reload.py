"""``dragoman reload``: have a running sidecar read its configuration again."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from extproc.cli.command import Command
from extproc.cli.finding import NO_FILE, add_config, found

__all__ = ["COMMAND"]


def _run(arguments: Namespace) -> int:
    """Ask for it, and say what became of it: 1 where it was refused, or nobody is there."""
    from extproc.sidecar.control import running_sidecars

    wanted = found(arguments)
    running = list(running_sidecars(os.environ))
    meant = [each for each in running if wanted is None or each[1].runs_by(wanted)]
    if len(meant) == 1:
        return _ask(meant[0][0])
    files = ", ".join(sorted(status.config or NO_FILE for _, status in running))
    if meant:
        said = f"several sidecars run here: name a CONFIG, of {files}"
    else:
        whose = f" of {wanted}" if wanted else ""
        said = f"no sidecar{whose} of this user runs here" + (f"; of {files} do" if files else "")
    print(said, file=sys.stderr)
    return 1


def _ask(directory: Path) -> int:
    from extproc.sidecar.control import Outcome, ask_for_reload

    try:
        report = ask_for_reload(directory)
    except (OSError, ValueError) as error:
        print(f"the sidecar in {directory} does not answer: {error}", file=sys.stderr)
        return 1
    refused = report.outcome is Outcome.REFUSED
    for line in report.lines:
        print(line, file=sys.stderr if refused else sys.stdout)
    print(report.outcome)
    return int(refused)


COMMAND: Final = Command(
    "reload", "Have a running sidecar read its configuration again.", add_config, _run
)
