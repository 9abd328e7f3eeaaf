"""``dragoman router``: start the workers and the observer alone."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.command import Command
from extproc.cli.options import add_admin_address, add_run_dir, add_workers, with_admin_address
from extproc.cli.reading import add_named_config, loaded
from extproc.run_directory import RunDirectory

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_named_config(parser)
    add_run_dir(parser)
    add_workers(parser)
    add_admin_address(parser)


def _run(arguments: Namespace) -> None:
    read = loaded(arguments.config)
    from extproc.sidecar.supervisor import run_workers

    config = with_admin_address(read.config, arguments)
    directory = RunDirectory(arguments.run_dir, arguments.workers)
    asyncio.run(run_workers(config, read.secrets, directory))


COMMAND: Final = Command(
    "router", "Start the router alone, for an Envoy of your own.", _add_arguments, _run
)
