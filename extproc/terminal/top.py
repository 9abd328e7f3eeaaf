"""``dragoman top``: models, routes and the latest requests, again every second."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from extproc.errors import FetchError
from extproc.explain.admin_port import AdminPort
from extproc.explain.wording import milliseconds, printable
from extproc.terminal.lines import line, time_of_day

__all__ = ["screen", "show_top"]

_PERIOD: Final = 1.0
_REQUESTS: Final = 50
_SPARKS: Final = " ▁▂▃▄▅▆▇█"
_MINUTES_SHOWN: Final = 20
_WIDE: Final = 110
_HEADINGS: Final = 9
"""Lines that are no rows: the title, three tables' headings and the space around them."""


def show_top(port: AdminPort, console: Console, *, minutes: int, once: bool) -> None:
    """Show what goes on until interrupted; once, where nobody could see it change.

    Args:
        port: whom to ask.
        console: where to show it.
        minutes: how many of the latest are summed up.
        once: show it once, as where the output is no terminal.

    Raises:
        FetchError: the admin port does not answer at first.
    """

    def shown() -> RenderableType:
        activity, latest = port.activity(minutes), port.latest(_REQUESTS)
        return screen(activity, latest, port.url, console.width, _height(console))

    first = shown()
    if once or not console.is_terminal:
        console.print(first)
        return
    with Live(first, console=console, screen=True, auto_refresh=False) as live:
        while True:
            time.sleep(_PERIOD)
            try:
                live.update(shown(), refresh=True)
            except FetchError as error:
                live.update(Text(f"{error}\nTrying again every second.", "red"), refresh=True)


def _height(console: Console) -> int | None:
    """How many lines the screen has, None where it has no end."""
    return console.size.height if console.is_terminal else None


def screen(
    activity: Mapping[str, Any],
    latest: Sequence[Mapping[str, Any]],
    url: str,
    width: int,
    height: int | None = None,
) -> Group:
    """All of it, no larger than the screen.

    Args:
        activity: as ``docs/console.md`` describes it.
        latest: receipts, the newest first.
        url: where all this comes from.
        width: how many columns there are; on few, the models' past is left out.
        height: how many lines there are; None: as many as it takes.
    """
    known = printable(dict(activity))
    models, routes = known["models"], [each for each in known["routes"] if each["requests"]]
    left = None if height is None else max(3, height - _HEADINGS - len(models) - len(routes))
    requests = [printable(receipt) for receipt in latest[:left]]
    return Group(
        Text.assemble(
            ("Dragoman ", "bold"),
            (f"{url}, the latest {known['minutes']} min, {time_of_day(known['at'])}  ", "dim"),
            _spark(known["requests_by_minute"]),
            overflow="ellipsis",
            no_wrap=True,
        ),
        _models(models, with_past=width >= _WIDE),
        _routes(routes),
        *(_request(receipt) for receipt in requests),
    )


def _models(models: Sequence[Mapping[str, Any]], *, with_past: bool) -> Table:
    past = ("p95", "Last 20 min") if with_past else ()
    titles = ("Model", "Tries", "Share", "Errors", "First byte", *past, "State")
    table = _table(titles, numbers=range(1, 6 if with_past else 5))
    for model in models:
        first = model["first_byte_ms"]
        table.add_row(
            Text(model["model"]),
            str(model["attempts"]),
            _percent(model["share"]),
            Text(_percent(model["error_rate"]), "yellow" if model["failed"] else ""),
            milliseconds(first["p50"]) if first["p50"] is not None else "",
            *(_past(model) if with_past else ()),
            _state(model["cooldown"]),
        )
    return table


def _past(model: Mapping[str, Any]) -> tuple[str, Text]:
    slowest = model["first_byte_ms"]["p95"]
    return "" if slowest is None else milliseconds(slowest), _spark(model["attempts_by_minute"])


def _state(cooldown: Mapping[str, Any] | None) -> Text:
    if cooldown is None:
        return Text("in its place", "green")
    return Text(f"{cooldown['phase']}: {cooldown['reason']}", "red", overflow="fold")


def _routes(routes: Sequence[Mapping[str, Any]]) -> Table:
    titles = ("Route", "Requests", "Share", "Pinned", "Scores 0 to 1")
    table = _table(titles, numbers=range(1, 4))
    for route in routes:
        table.add_row(
            Text(route["route"]),
            str(route["requests"]),
            _percent(route["share"]),
            str(route["pinned"]),
            _spark(route["scores"]["counts"]),
        )
    return table


def _request(receipt: Mapping[str, Any]) -> Text:
    text = line(receipt)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _table(titles: Sequence[str], numbers: range) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for index, title in enumerate(titles):
        number = index in numbers
        table.add_column(title, justify="right" if number else "left", no_wrap=number or index == 0)
    return table


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _spark(counts: Sequence[int]) -> Text:
    """The latest counts as bars, the highest one full."""
    shown = counts[-_MINUTES_SHOWN:]
    most = max(*shown, 1)
    steps = len(_SPARKS) - 1
    return Text("".join(_SPARKS[-(-count * steps // most)] for count in shown), "cyan")
