"""``dragoman eval``: put cases to the classifier."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from extproc.cli.command import Command
from extproc.cli.options import add_embedded, add_json
from extproc.cli.reading import add_named_config, environment, loaded_to_classify
from extproc.cli.words import share

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_named_config(parser)
    parser.add_argument(
        "cases",
        type=Path,
        nargs="?",
        metavar="CASES",
        help="prompts and the routes to expect: YAML, or JSON Lines (.jsonl)",
    )
    parser.add_argument(
        "--overlap",
        action="store_true",
        help="warn of routes that cannot be told apart, or that hardly anything matches",
    )
    parser.add_argument(
        "--min-accuracy",
        type=share,
        default=0.0,
        metavar="SHARE",
        help="exit with 1 if less is answered right (0 to 1)",
    )
    parser.add_argument(
        "--misses",
        type=int,
        default=50,
        metavar="N",
        help="how many wrong answers to show (default: %(default)s)",
    )
    add_embedded(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    if arguments.cases is None and not arguments.overlap:
        print("dragoman eval: CASES is required, or --overlap", file=sys.stderr)
        return 2
    asks_router = arguments.cases is not None and not arguments.embedded
    read = loaded_to_classify(arguments.config, asks_router=asks_router)
    from extproc.evaluation.evaluate import Evaluation, evaluate
    from extproc.evaluation.screen import Screen

    wanted = Evaluation(
        cases=arguments.cases,
        overlap=arguments.overlap,
        embedded=arguments.embedded,
        as_json=arguments.json,
        least=arguments.min_accuracy,
        misses=arguments.misses,
    )
    return asyncio.run(evaluate(read.config, environment(read), wanted, Screen()))


COMMAND: Final = Command(
    "eval", "Test the routes: put cases to the classifier.", _add_arguments, _run
)
