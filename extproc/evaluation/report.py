"""An evaluation on a terminal: figures, who was taken for whom, and the misses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extproc.evaluation.answers import Answer
from extproc.evaluation.figures import Figures
from extproc.evaluation.overlap import CatchAll, Overlap, Vague
from extproc.evaluation.threshold import Suggestion
from extproc.intent.names import in_words

__all__ = ["evaluation_report", "overlap_report"]

_WIDEST_MATRIX: Final = 16
_MOST_CONFUSIONS: Final = 30
_EXCERPT: Final = 70
_NONE: Final = "(none)"
_NOT_AVAILABLE: Final = "not available"


def evaluation_report(
    answers: Sequence[Answer],
    figures: Figures,
    suggestion: Suggestion | None,
    *,
    misses: int,
) -> RenderableType:
    """Everything that an evaluation found.

    Args:
        answers: what was answered.
        figures: how right that is.
        suggestion: a threshold that would be better, or not worse.
        misses: how many wrong answers are shown.
    """
    return Group(
        _summary(figures),
        *_answerers(answers),
        _routes(figures),
        _confusion(figures),
        *_misses(answers, misses),
        _suggested(figures, suggestion),
    )


def overlap_report(
    overlaps: Sequence[Overlap], vague: Sequence[Vague], catch_alls: Sequence[CatchAll] = ()
) -> RenderableType:
    """What was found about the routes themselves."""
    lines = [
        Text(
            f"warning: {pair.first} and {pair.second} can hardly be told apart (similarity "
            f"{pair.similarity:.2f}): say in each description what the other is not about, or make "
            "them one route"
        )
        for pair in overlaps
    ]
    lines += [Text(f"warning: {each.route}: {each.reason}") for each in vague]
    if not lines:
        lines = [Text("No route overlaps another, and none is too vague.")]
    lines += [Text(f"note: {each.route}: {each.meaning}") for each in catch_alls]
    return Group(*lines)


def _summary(figures: Figures) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    rows = (
        ("cases", str(figures.cases)),
        ("accuracy", _share(figures.accuracy)),
        ("forced accuracy", _share(figures.forced_accuracy)),
        ("none: precision", _share(figures.none.precision)),
        ("none: recall", _share(figures.none.recall)),
        ("none: AUROC", _NOT_AVAILABLE if figures.auroc is None else f"{figures.auroc:.3f}"),
        ("latency", f"p50 {figures.p50:.2f} ms, p99 {figures.p99:.2f} ms"),
    )
    for name, value in rows:
        table.add_row(name, value)
    return table


def _answerers(answers: Sequence[Answer]) -> Iterator[RenderableType]:
    """Who answered, where it was not one and the same."""
    counts = Counter((answer.intent.classifier, answer.intent.fallback) for answer in answers)
    if len(counts) == 1 and not any(fallback for _, fallback in counts):
        return
    for (classifier, fallback), count in counts.most_common():
        because = f", because the router model failed: {fallback}" if fallback else ""
        who = in_words(classifier) if classifier else "nobody"
        yield Text(f"answered by {who}{because}: {count}", style="yellow")


def _routes(figures: Figures) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Route", overflow="fold")
    for title in ("Cases", "Answers", "Precision", "Recall"):
        table.add_column(title, justify="right")
    for each in figures.routes:
        table.add_row(
            Text(_shown(each.route)),
            *(str(each.expected), str(each.answered)),
            *(_share(each.precision, ""), _share(each.recall, "")),
        )
    return table


def _confusion(figures: Figures) -> RenderableType:
    names = [each.route for each in figures.routes]
    if len(names) > _WIDEST_MATRIX:
        return _confusions(figures)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Expected ↓, answered →")
    table.add_column("", overflow="fold")
    for number in range(1, len(names) + 1):
        table.add_column(str(number), justify="right")
    for number, expected in enumerate(names, start=1):
        counts = [figures.confusion.get((expected, answered), 0) for answered in names]
        cells = [
            Text(str(count) if count else "·", _style(count, right=expected == answered))
            for count, answered in zip(counts, names, strict=True)
        ]
        table.add_row(Text(f"{number} {_shown(expected)}"), *cells)
    return table


def _confusions(figures: Figures) -> RenderableType:
    """Of many routes, only those that were taken for others."""
    wrong = [(pair, count) for pair, count in figures.confusion.items() if pair[0] != pair[1]]
    wrong.sort(key=lambda each: -each[1])
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Expected", overflow="fold")
    table.add_column("Answered", overflow="fold")
    table.add_column("Cases", justify="right")
    for (expected, answered), count in wrong[:_MOST_CONFUSIONS]:
        table.add_row(Text(_shown(expected)), Text(_shown(answered)), str(count))
    return table


def _misses(answers: Sequence[Answer], most: int) -> Iterator[RenderableType]:
    wrong = [answer for answer in answers if not answer.right]
    if not wrong or not most:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("Miss", "Expected", "Answered"):
        table.add_column(title, overflow="fold")
    table.add_column("Score", justify="right")
    table.add_column("Last prompt", ratio=1, overflow="fold")
    for answer in wrong[:most]:
        score = answer.intent.score
        table.add_row(
            Text(answer.case.place),
            Text(_shown(answer.case.expected)),
            Text(_shown(answer.intent.route)),
            "" if score is None else f"{score:.3f}",
            Text(_excerpt(answer)),
        )
    yield table
    if len(wrong) > most:
        yield Text(f"… and {len(wrong) - most} more misses (--misses shows more)", style="dim")


def _excerpt(answer: Answer) -> str:
    prompts = [turn.text for turn in answer.case.conversation if turn.role == "user"]
    line = " ".join(prompts[-1].split()) if prompts else ""
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"


def _suggested(figures: Figures, suggestion: Suggestion | None) -> RenderableType:
    if suggestion is None:
        return Text(
            "No threshold is suggested: that takes scores, cases with a route and cases without.",
            style="dim",
        )
    gain = 100 * (suggestion.accuracy - figures.accuracy)
    if round(gain, 1) <= 0:
        return Text("No threshold would be better for these cases than the one in force.")
    return Text.assemble(
        "Suggested: ",
        (f"dragoman: {{threshold: {suggestion.threshold:g}}}", "bold"),
        f", with which {_share(suggestion.accuracy)} of these cases are answered right: "
        f"{gain:.1f} points more. Check it on other cases, too.",
    )


def _style(count: int, *, right: bool) -> str:
    return ("green" if right else "red") if count else "dim"


def _shown(route: str | None) -> str:
    return _NONE if route is None else route


def _share(share: float | None, otherwise: str = _NOT_AVAILABLE) -> str:
    return otherwise if share is None else f"{100 * share:.1f} %"
