"""The ``dragoman`` command."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from extproc import __version__
from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.config import ConfigError, Loaded, load
from extproc.console import log_to_stderr
from extproc.server.process import serve
from extproc.sidecar.supervisor import StartError, run

__all__ = ["main"]

Action: TypeAlias = Callable[[argparse.Namespace], int | None]

_SOCKET = Path("/run/dragoman/router.sock")


def _load(path: Path) -> Loaded:
    loaded = load(path)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return loaded


def _up(arguments: argparse.Namespace) -> None:
    loaded = _load(arguments.config)
    asyncio.run(run(loaded.config, loaded.secrets))


def _router(arguments: argparse.Namespace) -> None:
    loaded = _load(arguments.config)
    environment = dict(os.environ) | dict(loaded.secrets.values)
    asyncio.run(serve(loaded.config, arguments.socket, environment))


def _check(arguments: argparse.Namespace) -> None:
    loaded = _load(arguments.config)
    config = loaded.config
    print(
        f"{arguments.config}: valid; {len(config.models)} models, {len(config.routes)} routes, "
        f"{len(config.aliases)} aliases"
    )


def _bootstrap(arguments: argparse.Namespace) -> None:
    loaded = _load(arguments.config)
    surroundings = Surroundings(str(arguments.socket), arguments.admin_socket)
    sys.stdout.write(to_yaml(render(loaded.config, surroundings)))


def _demo(arguments: argparse.Namespace) -> int:
    try:
        from extproc.demo.show import show
    except ModuleNotFoundError as error:
        if error.name not in {"anthropic", "h11", "openai"}:
            raise
        print(f"the demo needs {error.name}: pip install 'dragoman[demo]'", file=sys.stderr)
        return 1
    try:
        return asyncio.run(show(keep=arguments.keep))
    except asyncio.CancelledError:  # by SIGTERM
        return 143


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dragoman",
        description="Routes LLM traffic by intent, price and latency, inside Envoy.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, action: Action, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(action=action)
        return sub

    def configured(name: str, action: Action, summary: str) -> argparse.ArgumentParser:
        sub = command(name, action, summary)
        sub.add_argument("config", type=Path, metavar="CONFIG", help="a configuration file")
        return sub

    def add_socket(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--socket",
            type=Path,
            default=_SOCKET,
            metavar="PATH",
            help="Unix socket on which Envoy consults the router (default: %(default)s)",
        )

    configured("up", _up, "Start the sidecar: Envoy and the router.")
    configured("check", _check, "Say whether a configuration is valid, and what is wrong with it.")
    bootstrap = configured("bootstrap", _bootstrap, "Print the Envoy bootstrap that runs it.")
    add_socket(bootstrap)
    bootstrap.add_argument(
        "--admin-socket",
        metavar="PATH",
        help="Unix socket of Envoy's admin interface (default: none)",
    )
    router = configured("router", _router, "Start the router alone, for an Envoy of your own.")
    add_socket(router)
    demo = command("demo", _demo, "Show the main job with fake providers on this machine.")
    demo.add_argument("--keep", action="store_true", help="stay up and print requests to try")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 1 when a configuration is not valid or the sidecar cannot start.
    """
    arguments = _parser().parse_args(argv)
    log_to_stderr()
    try:
        action: Action = arguments.action
        return action(arguments) or 0
    except (ConfigError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
