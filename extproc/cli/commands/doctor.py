"""``dragoman doctor``: look at all that a sidecar needs, and say what to do about it."""

from __future__ import annotations

import asyncio
import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from extproc.cli.command import Command
from extproc.cli.finding import add_config, found, from_keys
from extproc.cli.options import add_json
from extproc.cli.reading import examined_for_here
from extproc.config import ConfigError, Loaded
from extproc.doctor.finding import Finding, Patient, State

if TYPE_CHECKING:
    from extproc.sidecar.control import Status

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--call",
        action="store_true",
        help="ask each provider something, too: one short answer, which costs next to nothing",
    )
    add_json(parser)


def _run(arguments: Namespace) -> int:
    """Examine, print a line for each thing, and end with 1 if one of them fails."""
    from extproc.doctor.examination import examined

    path = found(arguments)
    subject = f"configuration {path}" if path else "configuration"
    try:
        loaded = from_keys() if path is None else examined_for_here(path).loaded
    except ConfigError as error:
        findings = [
            Finding(subject, State.FAILED, str(problem), "Mend it; dragoman check looks again.")
            for problem in error.problems
        ]
        return _told(findings, as_json=arguments.json)
    patient = Patient(
        loaded.config,
        loaded.secrets.values,
        os.environ,
        len(os.sched_getaffinity(0)),
        None if path is None else _running(path),
        arguments.call,
    )
    first = Finding(subject, State.OK, _summary(loaded))
    notes = [Finding(subject, State.NOTE, each) for each in loaded.warnings]
    return _told([first, *notes, *asyncio.run(examined(patient))], as_json=arguments.json)


def _summary(loaded: Loaded) -> str:
    config = loaded.config
    return f"valid; {len(config.models)} models, {len(config.routes)} routes"


def _running(config: Path) -> Status | None:
    """A sidecar that runs by this file."""
    from extproc.sidecar.control import running_sidecars

    running = (each for _, each in running_sidecars(os.environ))
    return next((each for each in running if each.runs_by(config)), None)


def _told(findings: Iterable[Finding], *, as_json: bool) -> int:
    told = list(findings)
    if as_json:
        print(json.dumps([asdict(each) for each in told], indent=2))
    else:
        width = max(len(each.subject) for each in told)
        for each in told:
            print(f"{each.state:4}  {each.subject:{width}}  {each.found}")
            if each.advice:
                print(f"{'':6}{'':{width}}  {each.advice}")
    return int(any(each.state is State.FAILED for each in told))


COMMAND: Final = Command(
    "doctor", "Look at all that a sidecar needs, and say what to do.", _add_arguments, _run
)
