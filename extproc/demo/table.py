"""The table: one row for each scenario, and below it whatever did not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extproc.core.config import Config
from extproc.core.models import Dialect
from extproc.demo.outcome import Attempt
from extproc.demo.performance import Performance
from extproc.demo.scenario import Ask

__all__ = ["FAILED", "HELD", "performances_table"]

HELD, FAILED = Text("✓", style="green"), Text("✗", style="bold red")
_ROOMY = 100
_GREETING = "Hello"
"""What the fake providers' usual answer begins with, which need not be told."""
_LEGEND = (
    "Ranked best first. Translated: the model does not speak the client's format; its request and "
    "its answer are translated on the way. Pinned: the session keeps its model, whatever is asked. "
    "ms: all of the request's time in Envoy, decision and attempts."
)
_SDKS = {Dialect.CHAT: "openai", Dialect.RESPONSES: "openai", Dialect.MESSAGES: "anthropic"}


def performances_table(
    performances: Sequence[Performance], config: Config, width: int
) -> RenderableType:
    """What was shown, and everything that was not as expected.

    Args:
        performances: in order.
        config: says which formats the models speak.
        width: how many columns the screen has.
    """
    attempts, answer = (24, 19) if width >= _ROOMY else (17, 13)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0), pad_edge=False, expand=True)
    table.add_column("", width=1)
    table.add_column("What is shown, and how", ratio=1, overflow="fold")
    table.add_column("Route and ranking", width=19, overflow="fold")
    table.add_column("Attempts", width=attempts, overflow="fold")
    table.add_column("Answered by", width=answer, overflow="fold")
    table.add_column("ms", justify="right", width=4, overflow="fold")
    for performance in performances:
        table.add_row(*_row(performance, config))
    failures = [line for performance in performances for line in _failure(performance)]
    return Group(table, Text(_LEGEND, style="dim"), *failures)


def _row(performance: Performance, config: Config) -> tuple[RenderableType, ...]:
    ask, seen = performance.scenario.ask, performance.seen
    title_style = "bold" if performance.held else "bold red"
    shown = Text.assemble(
        (performance.scenario.title, title_style),
        (f"\n{_client(ask)}: ", "dim"),
        (f"“{ask.prompt}”", "italic"),
    )
    milliseconds = "" if performance.milliseconds is None else str(performance.milliseconds)
    return (
        HELD if performance.held else FAILED,
        shown,
        _ranking(performance),
        Text("\n→ ").join(_attempt(attempt) for attempt in seen.attempts) or Text("none", "dim"),
        _answer(performance, config),
        milliseconds,
    )


def _client(ask: Ask) -> str:
    if ask.decision_only:
        return "httpx"
    return f"{_SDKS[ask.dialect]}, stream" if ask.streamed else _SDKS[ask.dialect]


def _ranking(performance: Performance) -> Text:
    route = performance.seen.route
    heading = Text("no match", "yellow") if route is None else Text(route, "cyan")
    names = (Text(name.rpartition("/")[2]) for name in performance.seen.ranked)
    pin = [Text("pinned", "magenta")] if performance.seen.pinned else []
    return Text("\n").join([heading, *pin, *names])


def _attempt(attempt: Attempt) -> Text:
    return Text(str(attempt), "green" if attempt.status < 400 else "yellow")


def _answer(performance: Performance, config: Config) -> Text:
    seen = performance.seen
    if seen.answered_by is None:
        return Text(seen.client_saw, "dim")
    provider, _, model = seen.answered_by.partition("/")
    answer = Text.assemble(model, (f"\n{provider}", "dim"))
    if seen.answered_by in _foreign(performance, config):
        answer.append("\ntranslated", "magenta")
    if seen.attempts and seen.attempts[-1].status >= 400:
        answer.append(f"\n{seen.client_saw}", "yellow")
    elif not seen.client_saw.startswith(_GREETING):
        answer.append(f"\n{seen.client_saw}")
    return answer


def _foreign(performance: Performance, config: Config) -> set[str]:
    """The models that do not speak the client's format."""
    dialect = performance.scenario.ask.dialect
    return {model.name for model in config.models if not model.serves(dialect)}


def _failure(performance: Performance) -> Iterator[Text]:
    for mismatch in performance.mismatches:
        yield Text.assemble(
            (f"✗ {performance.scenario.title}: {mismatch.what}", "bold red"),
            (f"\n    expected {mismatch.expected}\n    seen     {mismatch.seen}", "red"),
        )
