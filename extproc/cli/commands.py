"""What each command of ``dragoman`` does.

Each imports what it needs: Envoy's messages alone take half a second to load.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from extproc.cli.finding import NAMES, found, from_keys
from extproc.cli.rendering import bootstrap_of, misplaced, resources_of, write
from extproc.config import Config, ConfigError, Examined, Loaded, examine
from extproc.config.authorities import problems_with_authorities
from extproc.errors import StartError
from extproc.run_directory import RunDirectory

if TYPE_CHECKING:
    from extproc.explain.admin_port import AdminPort

__all__ = [
    "bootstrap",
    "check",
    "decide_prompt",
    "demo",
    "drain",
    "eval_routes",
    "explain",
    "logs",
    "report",
    "router",
    "top",
    "trace",
    "up",
]


def _examine(path: Path) -> Examined:
    examined = examine(path)
    _warn(examined)
    return examined


def _warn(examined: Examined) -> None:
    for warning in examined.loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _examine_for_here(path: Path) -> Examined:
    """Examine a configuration that is going to run on this machine, and tell its warnings."""
    examined = examine_for_here(path)
    _warn(examined)
    return examined


def examine_for_here(path: Path) -> Examined:
    """Examine a configuration that is going to run on this machine."""
    examined = examine(path)
    if problems := problems_with_authorities(examined.loaded.config):
        raise ConfigError(str(path), problems)
    return examined


def _load(path: Path) -> Loaded:
    return _examine(path).loaded


def _with_admin(config: Config, address: tuple[str, int] | None) -> Config:
    if address is None:
        return config
    host, port = address
    return replace(config, admin=replace(config.admin, address=host, port=port))


def up(arguments: argparse.Namespace) -> None:
    path = found(arguments)
    loaded = from_keys() if path is None else _examine_for_here(path).loaded

    def as_wished(loaded: Loaded) -> Loaded:
        return replace(loaded, config=_with_admin(loaded.config, arguments.admin_address))

    def read_again() -> Loaded:
        return as_wished(from_keys() if path is None else examine_for_here(path).loaded)

    from extproc.sidecar.source import Source
    from extproc.sidecar.supervisor import run

    watched = () if path is None or arguments.no_watch else (path, path.parent / ".env")
    source = Source(as_wished(loaded), read_again, path, watched)
    workers = arguments.workers or len(os.sched_getaffinity(0))
    asyncio.run(run(source, workers))


def router(arguments: argparse.Namespace) -> None:
    loaded = _load(arguments.config)
    from extproc.sidecar.supervisor import run_workers

    config = _with_admin(loaded.config, arguments.admin_address)
    directory = RunDirectory(arguments.run_dir, arguments.workers)
    asyncio.run(run_workers(config, loaded.secrets, directory))


def check(arguments: argparse.Namespace) -> int | None:
    if arguments.schema:
        from extproc.config.json_schema import json_schema

        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return None
    path = found(arguments)
    if path is None:
        print(f"dragoman check: name a CONFIG; here is no {' or '.join(NAMES)}", file=sys.stderr)
        return 2
    examined = _examine_for_here(path)
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


def bootstrap(arguments: argparse.Namespace) -> int | None:
    if problem := misplaced(arguments):
        print(f"dragoman bootstrap: {problem}", file=sys.stderr)
        return 2
    config = _load(arguments.config).config
    directory = RunDirectory(arguments.run_dir, arguments.workers)
    render = bootstrap_of if arguments.gateway_kind is None else resources_of
    write(render(config, directory, arguments), arguments.output)
    return None


def drain(arguments: argparse.Namespace) -> None:
    from extproc.sidecar.draining import drain_beside

    directory = RunDirectory(arguments.run_dir)
    asyncio.run(drain_beside(directory, arguments.delay, arguments.timeout))


def eval_routes(arguments: argparse.Namespace) -> int:
    if arguments.cases is None and not arguments.overlap:
        print("dragoman eval: CASES is required, or --overlap", file=sys.stderr)
        return 2
    loaded = _load(arguments.config)
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
    return asyncio.run(evaluate(loaded.config, _environment(loaded), wanted, Screen()))


def decide_prompt(arguments: argparse.Namespace) -> None:
    loaded = _load(arguments.config)
    from extproc.evaluation.decide import decide
    from extproc.evaluation.screen import Screen

    prompt = sys.stdin.read() if arguments.prompt == "-" else arguments.prompt
    asyncio.run(
        decide(
            loaded.config,
            _environment(loaded),
            prompt,
            Screen(),
            embedded=arguments.embedded,
            as_json=arguments.json,
        )
    )


def _environment(loaded: Loaded) -> dict[str, str]:
    return dict(os.environ) | dict(loaded.secrets.values)


def _port(arguments: argparse.Namespace) -> AdminPort:
    from extproc.explain.admin_port import AdminPort

    return AdminPort(arguments.admin, os.environ.get("DRAGOMAN_ADMIN_TOKEN") or None)


def explain(arguments: argparse.Namespace) -> None:
    receipt = _port(arguments).receipt(arguments.trace_id)
    if arguments.json:
        print(json.dumps(receipt, indent=2))
        return
    from rich.console import Console

    from extproc.explain.view import explanation

    Console().print(explanation(receipt))


def top(arguments: argparse.Namespace) -> None:
    from rich.console import Console

    from extproc.terminal.top import show_top

    console = Console(highlight=False)
    show_top(_port(arguments), console, minutes=arguments.minutes, once=arguments.once)


def trace(arguments: argparse.Namespace) -> int | None:
    port = _port(arguments)
    key = arguments.trace_id
    if key is None:
        latest = port.latest(1)
        if not latest:
            print(f"{arguments.admin}: no request has come yet", file=sys.stderr)
            return 1
        key = latest[0]["request_id"]
    from rich.console import Console

    from extproc.terminal.trace import story

    Console(highlight=False).print(story(port.receipt(key)))
    return None


def logs(arguments: argparse.Namespace) -> None:
    from extproc.terminal.logs import show_logs

    show_logs(
        _port(arguments), latest=arguments.lines, follow=arguments.follow, as_json=arguments.json
    )


def report(arguments: argparse.Namespace) -> None:
    from extproc.ledger.report import By, report
    from extproc.ledger.store import LedgerError
    from extproc.terminal.report import as_json, table

    by = By(arguments.by)
    try:
        found = report(_ledger(arguments), by, arguments.since)
    except LedgerError as error:
        raise StartError(str(error)) from None
    if arguments.json:
        print(json.dumps(as_json(found, by, arguments.since), indent=2))
        return
    from rich.console import Console

    Console(highlight=False).print(table(found, by))


def _ledger(arguments: argparse.Namespace) -> Path:
    """The ledger that is named, else that of the configuration."""
    if arguments.ledger is not None:
        named: Path = arguments.ledger
        return named
    path = found(arguments)
    if path is None:
        raise StartError("name a configuration, or a ledger with --ledger")
    try:
        ledger = _load(path).config.ledger
    except ConfigError as error:
        # As in a shell without the keys, none of which a report takes.
        raise StartError(f"{error}\nor name the ledger itself with --ledger") from None
    if ledger is None:
        raise StartError(f"{path} has no ledger: name a file for it as dragoman.ledger")
    return Path(ledger.path)


def demo(arguments: argparse.Namespace) -> int:
    from extproc.demo.show import show

    try:
        return asyncio.run(show(keep=arguments.keep))
    except asyncio.CancelledError:  # by SIGTERM
        return 143
