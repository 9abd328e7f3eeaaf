"""``dragoman logs``: requests as lines, each once it has ended."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from cachetools import LRUCache
from rich.console import Console

from extproc.errors import FetchError
from extproc.explain.admin_port import AdminPort, LostError
from extproc.explain.wording import printable
from extproc.terminal.lines import line

__all__ = ["Endings", "show_logs"]

_PATIENCE: Final = 3.0
_REMEMBERED: Final = 10_000
_PAUSE: Final = 1.0


class Endings:
    """Picks from receipts, as they change, each one once: when its request has ended and all of
    its attempts have been told, or when they have been waited for long enough."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        """Know of none yet; ``patience`` is in seconds."""
        self._patience = patience
        self._told: LRUCache[str, bool] = LRUCache(_REMEMBERED)
        self._waiting: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def among(
        self, receipts: Iterable[Mapping[str, Any]], now: float
    ) -> Iterator[Mapping[str, Any]]:
        """Those that are to be shown now.

        Args:
            receipts: as they stand.
            now: seconds that do not go backwards.
        """
        for receipt in receipts:
            request_id = receipt["request_id"]
            ended = receipt["decision_only"] or receipt["status"] is not None
            if not ended or request_id in self._told:
                continue
            since, _ = self._waiting.get(request_id, (now, receipt))
            self._waiting[request_id] = since, receipt
        for request_id, (since, receipt) in list(self._waiting.items()):
            all_told = len(receipt["attempts"]) >= (receipt["attempts_made"] or 0)
            if all_told or now - since >= self._patience:
                del self._waiting[request_id]
                self._told[request_id] = True
                yield receipt


def show_logs(port: AdminPort, *, latest: int, follow: bool, as_json: bool) -> None:
    """Print the latest requests, the oldest first, and those that end from now on.

    Args:
        port: whom to ask.
        latest: how many of those that there are.
        follow: whether to go on until interrupted.
        as_json: print receipts as they are, one a line.

    Raises:
        FetchError: the admin port does not answer.
    """
    show = _json_line if as_json else _text_line(Console(highlight=False, soft_wrap=True))
    if not follow:
        oldest_first = port.latest(latest)[::-1] if latest else []
        # One that nobody decided is told of later than it ended.
        for ended in sorted(oldest_first, key=itemgetter("at")):
            show(ended)
        return
    endings = Endings()
    for receipts in _without_end(port, latest):
        for receipt in endings.among(receipts, time.monotonic()):
            show(receipt)
        sys.stdout.flush()


def _without_end(port: AdminPort, latest: int) -> Iterator[list[dict[str, Any]]]:
    """Changes, also beyond a restart of who tells them."""
    was_there = False
    while True:
        try:
            for receipts in port.changes(latest):
                was_there = True
                yield receipts
        except LostError:
            print(f"{port.url} went away: trying again", file=sys.stderr)  # noqa: T201
        except FetchError:
            if not was_there:
                raise
        time.sleep(_PAUSE)


def _json_line(receipt: Mapping[str, Any]) -> None:
    print(json.dumps(receipt, separators=(",", ":")))  # noqa: T201 - what the command is for


def _text_line(console: Console) -> Callable[[Mapping[str, Any]], None]:
    def show(receipt: Mapping[str, Any]) -> None:
        console.print(line(printable(receipt)))

    return show
