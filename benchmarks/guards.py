"""``python -m benchmarks.guards``: what the guards in the box cost, in Python alone.

Milliseconds of CPU for one look at a chat request, by the length and the kind of its text. Prose
has nothing that looks like personal data, a log has some in every line, and numbers are nothing
else; German is read by another encoder than English, and letters are words that nobody has seen.
Each figure is the best of several rounds, for other work on the machine only ever adds to it.
Encoders are loaded before.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from string import ascii_lowercase
from types import MappingProxyType
from typing import Final

import orjson
from rich.console import Console
from rich.table import Table

from extproc.core.pii import QUIET_KINDS, PiiAction
from extproc.dialects.arrived import arrived_texts
from extproc.injection.head import Heads
from extproc.injection.judge import Judge
from extproc.pii.masking import masked

__all__ = ["GUARDS", "LENGTHS", "TEXTS", "Cost", "body", "main", "measure"]


def _log_line(drawn: random.Random) -> str:
    number = drawn.randrange
    return (
        f"{number(16**8):08x} ERROR login of user{number(9999)}@example.com "
        f"from 203.0.113.{number(255)} took {number(999)} ms\n"
    )


def _word(drawn: random.Random) -> str:
    return "".join(drawn.choices(ascii_lowercase, k=drawn.randrange(2, 10))) + " "


TEXTS: Final[Mapping[str, Callable[[random.Random], str]]] = MappingProxyType(
    {
        "prose": lambda _: "The weather is mild, but the wind from the sea brings rain by noon. ",
        "German": lambda _: "Das Wetter ist mild, doch der Wind vom Meer bringt mittags Regen. ",
        "log": _log_line,
        "numbers": lambda _: "phone: 1234567 ",
        "letters": _word,
    }
)
"""What draws the pieces that texts are made of."""

LENGTHS: Final = (80, 2_000, 20_000, 300_000, 1_000_000)
"""Characters: a sentence, a prompt, a file, a long conversation, and what few send."""

_MASKS: Final = dict.fromkeys(QUIET_KINDS, PiiAction.MASK)
_ENOUGH: Final = 0.1
"""Seconds of a round, unless one look takes longer."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU for one look at a text of so many characters."""

    guard: str
    text: str
    length: int
    milliseconds: float


def body(text: str, length: int) -> bytes:
    """A chat request with one turn of so many characters, of a kind of text."""
    said, drawn = io.StringIO(), random.Random(0)
    while said.tell() < length:
        said.write(TEXTS[text](drawn))
    turn = {"role": "user", "content": said.getvalue()[:length]}
    return orjson.dumps({"model": "m", "messages": [turn]})


def _look_for_personal_data(raw: bytes) -> object:
    return masked(raw, _MASKS)


def _judge(judge: Judge, raw: bytes) -> object:
    return judge.score(arrived_texts(orjson.loads(raw)))


GUARDS: Final[Mapping[str, Callable[[], Callable[[bytes], object]]]] = MappingProxyType(
    {
        "pii": lambda: _look_for_personal_data,
        "injection": lambda: partial(_judge, Judge(Heads())),
    }
)
"""What makes the look of each guard."""


def measure(guard: str, rounds: int, lengths: Sequence[int]) -> list[Cost]:
    """The costs of one guard.

    Args:
        guard: its type.
        rounds: of which the best counts.
        lengths: of texts, in characters.
    """
    look = GUARDS[guard]()
    costs = []
    for text in TEXTS:
        look(body(text, 80))
        for length in lengths:
            raw = body(text, length)
            costs.append(Cost(guard, text, length, _best(partial(look, raw), rounds)))
    return costs


def _best(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of one call: the best round's mean."""
    best = float("inf")
    for _ in range(rounds):
        times, start = 0, time.process_time()
        while (spent := time.process_time() - start) < _ENOUGH:
            work()
            times += 1
        best = min(best, spent / times)
    return best * 1e3


def _show(costs: Sequence[Cost], lengths: Sequence[int], console: Console) -> None:
    table = Table(title="Milliseconds of a guard's look")
    table.add_column("guard")
    table.add_column("text")
    for length in lengths:
        table.add_column(f"{length:,} characters", justify="right")
    rows: dict[tuple[str, str], list[str]] = {}
    for cost in costs:
        rows.setdefault((cost.guard, cost.text), []).append(f"{cost.milliseconds:.3g}")
    for names, cells in rows.items():
        table.add_row(*names, *cells)
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both guards and show what they cost."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.guards",
        description="Milliseconds of CPU for a guard's look at a request, by its text and length.",
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument(
        "--lengths",
        type=int,
        nargs="+",
        default=LENGTHS,
        metavar="N",
        help=f"of texts, in characters; default: {' '.join(map(str, LENGTHS))}",
    )
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    options = parser.parse_args(arguments)
    costs = [cost for guard in GUARDS for cost in measure(guard, options.rounds, options.lengths)]
    if options.json:
        json.dump([asdict(cost) for cost in costs], sys.stdout, indent=2)
    else:
        _show(costs, options.lengths, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
