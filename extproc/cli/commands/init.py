"""``dragoman init``: write a configuration to begin with."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from extproc.cli.command import Command
from extproc.cli.finding import NAMES
from extproc.cli.questions import ask, composed
from extproc.config import ConfigError, load
from extproc.config.environment import surroundings
from extproc.config.ready_made import keys_found

__all__ = ["COMMAND", "templates"]

_FOLDER: Final = files("extproc.cli").joinpath("templates")


def templates() -> Mapping[str, str]:
    """Every template by its name."""
    found = sorted(_FOLDER.iterdir(), key=lambda each: each.name)
    return {each.name.removesuffix(".yaml"): each.read_text(encoding="utf-8") for each in found}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "output",
        type=Path,
        nargs="?",
        default=Path(NAMES[0]),
        metavar="FILE",
        help="where to write it (default: %(default)s)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--template", metavar="NAME", help="write this one, and ask nothing")
    how.add_argument("--list-templates", action="store_true", help="say which there are")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def _run(arguments: Namespace) -> int:
    """Write a configuration by a template, or by the answers to a few questions."""
    known = templates()
    if arguments.list_templates:
        for name, text in known.items():
            print(f"{name:14} {_summary(text)}")
        return 0
    target: Path = arguments.output
    if target.exists() and not arguments.force:
        print(f"{target} is there already; --force writes over it", file=sys.stderr)
        return 1
    if arguments.template is not None:
        if arguments.template not in known:
            print(f"no such template; there are {', '.join(known)}", file=sys.stderr)
            return 2
        text = known[arguments.template]
    elif sys.stdin.isatty() and sys.stdout.isatty():
        environ = surroundings(target, os.environ)
        try:
            text = composed(ask(input, list(keys_found(environ))))
        except EOFError:
            print("nothing is written", file=sys.stderr)
            return 1
    else:
        names = ", ".join(known)
        print(f"there is no terminal to ask at: name a --template ({names})", file=sys.stderr)
        return 2
    return _write(target, text, force=arguments.force)


def _write(target: Path, text: str, *, force: bool) -> int:
    try:
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"{target} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{target} is written; dragoman up {target} serves it")
    try:
        load(target)
    except ConfigError as error:
        print(f"Until then, this is to be done:\n{error}")
    return 0


def _summary(text: str) -> str:
    """The sentence that a template begins with."""
    comment = []
    for line in text.splitlines():
        if not line.startswith("# "):
            break
        comment.append(line.removeprefix("# "))
    return " ".join(comment)


COMMAND: Final = Command(
    "init", "Write a configuration, by a few questions or a template.", _add_arguments, _run
)
