"""``dragoman decide``: show which route a prompt takes."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.command import Command
from extproc.cli.options import add_embedded, add_json
from extproc.cli.reading import add_named_config, environment, loaded_to_classify

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_named_config(parser)
    parser.add_argument("prompt", metavar="PROMPT", help="what a user would say; - reads it")
    add_embedded(parser)
    add_json(parser)


def _run(arguments: Namespace) -> None:
    read = loaded_to_classify(arguments.config, asks_router=not arguments.embedded)
    from extproc.evaluation.decide import decide
    from extproc.evaluation.screen import Screen

    prompt = sys.stdin.read() if arguments.prompt == "-" else arguments.prompt
    asyncio.run(
        decide(
            read.config,
            environment(read),
            prompt,
            Screen(),
            embedded=arguments.embedded,
            as_json=arguments.json,
        )
    )


COMMAND: Final = Command(
    "decide", "Show which route a prompt takes, and every score.", _add_arguments, _run
)
