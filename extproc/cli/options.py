"""Options that several commands take."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from extproc.cli.words import address, count
from extproc.config import Config

__all__ = [
    "add_admin_address",
    "add_embedded",
    "add_json",
    "add_run_dir",
    "add_workers",
    "with_admin_address",
]


def add_run_dir(parser: ArgumentParser) -> None:
    """For a router and an Envoy that are started apart: where they meet."""
    parser.add_argument(
        "--run-dir",
        type=Path,
        default=Path("/run/dragoman"),
        metavar="DIR",
        help="where the sockets are, as Envoy and the router see it (default: %(default)s)",
    )


def add_workers(parser: ArgumentParser) -> None:
    """For a router and an Envoy that are started apart: how many workers there are."""
    parser.add_argument(
        "--workers",
        type=count,
        default=1,
        metavar="N",
        help="how many processes decide; the same for both commands (default: %(default)s)",
    )


def add_admin_address(parser: ArgumentParser) -> None:
    """Where the admin port is opened."""
    parser.add_argument(
        "--admin-address",
        type=address,
        metavar="IP:PORT",
        help="where metrics and decisions are served (default: what the configuration says)",
    )


def with_admin_address(config: Config, arguments: Namespace) -> Config:
    """The configuration with the admin port where the arguments want it."""
    if arguments.admin_address is None:
        return config
    host, port = arguments.admin_address
    return replace(config, admin=replace(config.admin, address=host, port=port))


def add_embedded(parser: ArgumentParser) -> None:
    """Which classifier is asked."""
    parser.add_argument(
        "--embedded", action="store_true", help="ask the classifier in the box, not a router"
    )


def add_json(parser: ArgumentParser) -> None:
    """Whether a program reads the output."""
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
