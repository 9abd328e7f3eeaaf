"""``python -m extproc.demo.provider``: a fake provider in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.server import FakeProvider
from extproc.demo.provider.spec import SPEC_HELP, parse_behaviour

__all__ = ["main"]


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    arguments = _parser().parse_args()
    # Nobody in this process reads the exchanges, so none are kept.
    provider = FakeProvider(
        arguments.name,
        host=arguments.host,
        port=arguments.port,
        keep=0,
        strict=arguments.strict,
    )
    provider.default = arguments.behaviour
    try:
        asyncio.run(_serve(provider))
    except OSError as error:
        sys.stderr.write(f"{arguments.host}:{arguments.port}: {error.strerror or error}\n")
        return 1
    return 0


async def _serve(provider: FakeProvider) -> None:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_stop.set)
    async with provider:
        sys.stdout.write(f"{provider.name} listens on {provider.url}\n")
        sys.stdout.flush()
        await told_to_stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m extproc.demo.provider",
        description="A provider of language models that is not one. It speaks chat completions, "
        "messages and responses, and misbehaves on demand.",
        epilog=f"A behaviour is words separated by commas: {SPEC_HELP}. A request chooses its own "
        "by header (x-fake-behaviour) or behind its model id (gpt-4o!status=429,retry-after=5).",
    )
    parser.add_argument(
        "--name", default="fake", help="what it calls itself (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=0, help="default: a free one, which is printed")
    parser.add_argument(
        "--behaviour",
        type=_behaviour,
        default=Behaviour(),
        metavar="SPEC",
        help="how to answer requests that do not choose for themselves (default: correctly)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="refuse what the real APIs refuse, in their words"
    )
    return parser


def _behaviour(spec: str) -> Behaviour:
    try:
        return parse_behaviour(spec)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
