"""``dragoman check``: say whether a configuration is valid."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.command import Command
from extproc.cli.finding import NAMES, add_config, found
from extproc.cli.reading import examined_for_here, tell_warnings

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--print",
        action="store_true",
        help="print what it means: migrated, with every default, secrets masked",
    )
    instead.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of configurations, for editors"
    )


def _run(arguments: Namespace) -> int | None:
    if arguments.schema:
        from extproc.config.json_schema import json_schema

        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return None
    path = found(arguments)
    if path is None:
        print(f"dragoman check: name a CONFIG; here is no {' or '.join(NAMES)}", file=sys.stderr)
        return 2
    examined = examined_for_here(path)
    tell_warnings(examined.loaded)
    if arguments.print:
        from extproc.config.printing import printed

        sys.stdout.write(printed(examined))
        return None
    config = examined.loaded.config
    print(
        f"{path}: valid; {len(config.models)} models, {len(config.routes)} routes, "
        f"{len(config.aliases)} aliases"
    )
    return None


COMMAND: Final = Command(
    "check",
    "Say whether a configuration is valid, and what is wrong with it.",
    _add_arguments,
    _run,
)
