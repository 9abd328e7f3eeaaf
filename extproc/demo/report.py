"""The report: the table, why one request went where it went, what the providers saw, and how many
expectations held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from extproc.demo.invitation import the_command
from extproc.demo.keys import KeyCheck
from extproc.demo.performance import Performance
from extproc.demo.stage import Stage
from extproc.demo.table import FAILED, HELD, performances_table
from extproc.explain.view import explanation

__all__ = ["Report"]


class Report:
    """What was shown, and whether all of it was as expected."""

    def __init__(self, performances: Sequence[Performance], keys: KeyCheck, stage: Stage) -> None:
        self._performances = performances
        self._keys = keys
        self._stage = stage
        self._outcomes = [*(performance.held for performance in performances), keys.held]

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return all(self._outcomes)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(f"A real Envoy on {self._stage.url}, in front of three fake providers", "bold")
        yield performances_table(self._performances, self._stage.config, options.max_width)
        for performance in self._performances:
            yield from _explained(performance)
        yield self._keys_lines()
        count = f"{sum(self._outcomes)} of {len(self._outcomes)} expectations held."
        yield Text(count, "bold green" if self.held else "bold red")
        yield Text(
            "Next: set OPENAI_API_KEY, ANTHROPIC_API_KEY or both, then "
            f"{the_command()} init and {the_command()} up"
        )

    def _keys_lines(self) -> RenderableType:
        counts = ", ".join(f"{name} {count}" for name, count in self._keys.requests.items())
        if self._keys.held:
            said = "each provider saw only its own, never the client's, and no internal header"
            return Text.assemble(HELD, (" keys: ", "bold"), said, f" (requests: {counts})")
        head = Text.assemble(FAILED, (" keys: ", "bold red"), (f"requests: {counts}", "red"))
        return Group(head, *(Text(f"    {leak}", style="red") for leak in self._keys.leaks))


def _explained(performance: Performance) -> Iterator[RenderableType]:
    if performance.receipt is None:
        return
    prompt, model = performance.scenario.ask.prompt, performance.seen.answered_by
    yield Text(f"\nWhy did “{prompt}” go to {model}? dragoman explain says:\n", "bold")
    yield explanation(performance.receipt)
    yield Text()
