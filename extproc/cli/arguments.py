"""The ``dragoman`` command: its arguments."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias

from extproc import __version__
from extproc.cli import commands, doctor, init, reload
from extproc.cli.finding import add_config
from extproc.cli.rendering import add_gateway_options
from extproc.config import ConfigError
from extproc.config.units import address_and_port
from extproc.console import log_to_stderr, with_standard_streams
from extproc.errors import FetchError, StartError

__all__ = ["main"]

Action: TypeAlias = Callable[[argparse.Namespace], int | None]


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}")

    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError("must be a number of seconds, 0 or more")
    return seconds


def _address(text: str) -> tuple[str, int]:
    try:
        return address_and_port(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _since(text: str) -> float:
    from extproc.telemetry.moments import moment

    try:
        return moment(text, time.time())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("must be a number from 0 to 1")
    return share


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dragoman",
        description="Routes LLM traffic by intent, price and latency, inside Envoy.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, action: Action, summary: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=summary, description=summary)
        sub.set_defaults(action=action)
        return sub

    def configured(name: str, action: Action, summary: str) -> argparse.ArgumentParser:
        sub = command(name, action, summary)
        sub.add_argument("config", type=Path, metavar="CONFIG", help="a configuration file")
        return sub

    def asking(name: str, action: Action, summary: str) -> argparse.ArgumentParser:
        sub = command(name, action, summary)
        sub.add_argument(
            "--admin",
            default=os.environ.get("DRAGOMAN_ADMIN") or "http://127.0.0.1:9092",
            metavar="URL",
            help="where the admin port is; else DRAGOMAN_ADMIN says (default: %(default)s). Its "
            "token, if it wants one, is read from DRAGOMAN_ADMIN_TOKEN",
        )
        return sub

    def add_run_dir(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--run-dir",
            type=Path,
            default=Path("/run/dragoman"),
            metavar="DIR",
            help="where the sockets are, as Envoy and the router see it (default: %(default)s)",
        )

    def add_workers(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--workers",
            type=_count,
            default=1,
            metavar="N",
            help="how many processes decide; the same for both commands (default: %(default)s)",
        )

    def add_admin_address(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--admin-address",
            type=_address,
            metavar="IP:PORT",
            help="where metrics and decisions are served (default: what the configuration says)",
        )

    up = command("up", commands.up, "Start the sidecar: Envoy and the router.")
    add_config(up)
    up.add_argument(
        "--workers",
        type=_count,
        metavar="N",
        help="how many processes decide (default: one per core)",
    )
    up.add_argument(
        "--no-watch",
        action="store_true",
        help="read the configuration again on SIGHUP and dragoman reload only, not when it changes",
    )
    add_admin_address(up)
    reload.add_arguments(
        command("reload", reload.reload, "Have a running sidecar read its configuration again.")
    )
    doctor.add_arguments(
        command("doctor", doctor.doctor, "Look at all that a sidecar needs, and say what to do.")
    )
    check = command(
        "check", commands.check, "Say whether a configuration is valid, and what is wrong with it."
    )
    add_config(check)
    instead = check.add_mutually_exclusive_group()
    instead.add_argument(
        "--print",
        action="store_true",
        help="print what it means: migrated, with every default, secrets masked",
    )
    instead.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of configurations, for editors"
    )
    init.add_arguments(
        command("init", init.init, "Write a configuration, by a few questions or a template.")
    )
    bootstrap = configured(
        "bootstrap", commands.bootstrap, "Print the Envoy bootstrap that runs a configuration."
    )
    add_run_dir(bootstrap)
    add_workers(bootstrap)
    bootstrap.add_argument(
        "--listen-address",
        type=ip_address,
        metavar="IP",
        help="where clients connect (default: what the configuration says)",
    )
    bootstrap.add_argument(
        "--stats-port", type=int, metavar="PORT", help="serve Envoy's statistics to Prometheus here"
    )
    bootstrap.add_argument(
        "--memory",
        type=_count,
        metavar="BYTES",
        help="the memory limit of Envoy's container; it refuses requests before it gets there",
    )
    add_gateway_options(bootstrap)
    bootstrap.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write it (default: standard output)"
    )
    router = configured(
        "router", commands.router, "Start the router alone, for an Envoy of your own."
    )
    add_run_dir(router)
    add_workers(router)
    add_admin_address(router)
    drain = command(
        "drain", commands.drain, "Let the requests of an Envoy in another container finish."
    )
    add_run_dir(drain)
    drain.add_argument(
        "--delay",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="take connections for so long, until all know that it ends (default: %(default)g)",
    )
    drain.add_argument(
        "--timeout",
        type=_seconds,
        default=25.0,
        metavar="SECONDS",
        help="how long requests in flight get after that (default: %(default)g)",
    )
    evaluation = configured(
        "eval", commands.eval_routes, "Test the routes: put cases to the classifier."
    )
    evaluation.add_argument(
        "cases",
        type=Path,
        nargs="?",
        metavar="CASES",
        help="prompts and the routes to expect: YAML, or JSON Lines (.jsonl)",
    )
    evaluation.add_argument(
        "--overlap",
        action="store_true",
        help="warn of routes that cannot be told apart, or that hardly anything matches",
    )
    evaluation.add_argument(
        "--min-accuracy",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="exit with 1 if less is answered right (0 to 1)",
    )
    evaluation.add_argument(
        "--misses",
        type=int,
        default=50,
        metavar="N",
        help="how many wrong answers to show (default: %(default)s)",
    )
    decide = configured(
        "decide", commands.decide_prompt, "Show which route a prompt takes, and every score."
    )
    decide.add_argument("prompt", metavar="PROMPT", help="what a user would say; - reads it")
    for sub in (evaluation, decide):
        sub.add_argument(
            "--embedded", action="store_true", help="ask the classifier in the box, not a router"
        )
        sub.add_argument("--json", action="store_true", help="print JSON and nothing else")
    explain = asking(
        "explain", commands.explain, "Say why a request went where it went, and what that took."
    )
    explain.add_argument(
        "trace_id", metavar="TRACE_ID", help="the id of a trace, or a request's x-request-id"
    )
    explain.add_argument("--json", action="store_true", help="print the receipt as it is")
    top = asking("top", commands.top, "Show models, routes and requests, as they go.")
    top.add_argument(
        "--minutes",
        type=_whole(1, 60),
        default=5,
        metavar="N",
        help="how many of the latest are summed up, 1 to 60 (default: %(default)s)",
    )
    top.add_argument("--once", action="store_true", help="show it once, and end")
    trace = asking("trace", commands.trace, "Show one request's story as a tree.")
    trace.add_argument(
        "trace_id",
        nargs="?",
        metavar="TRACE_ID",
        help="the id of a trace, or a request's x-request-id (default: the latest request)",
    )
    logs = asking("logs", commands.logs, "Show requests as lines, each once it has ended.")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with those that come")
    logs.add_argument(
        "-n",
        "--lines",
        type=_whole(0, 1000),
        default=20,
        metavar="N",
        help="how many to begin with, 0 to 1000 (default: %(default)s)",
    )
    logs.add_argument("--json", action="store_true", help="print receipts, one a line")
    report = command("report", commands.report, "Say what requests have cost, from the ledger.")
    add_config(report)
    report.add_argument(
        "--ledger", type=Path, metavar="FILE", help="the ledger itself, without a configuration"
    )
    report.add_argument(
        "--by",
        choices=("route", "model", "day", "tenant"),
        default="route",
        help="what requests are put together by (default: %(default)s)",
    )
    report.add_argument(
        "--since",
        type=_since,
        default=0.0,
        metavar="WHEN",
        help="only those since then: an age such as 24h or 7d, or a date (default: all)",
    )
    report.add_argument("--json", action="store_true", help="print JSON and nothing else")
    demo = command("demo", commands.demo, "Show the main job with fake providers on this machine.")
    demo.add_argument("--keep", action="store_true", help="stay up and print requests to try")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 1 when a configuration is not valid or the sidecar cannot start.
    """
    with_standard_streams()
    arguments = _parser().parse_args(argv)
    log_to_stderr()
    try:
        action: Action = arguments.action
        return action(arguments) or 0
    except (ConfigError, FetchError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
