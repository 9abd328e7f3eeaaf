"""Batches: prompts of one or two sources, a sample of their labels, each label worded anew."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from extproc.intent.tokens import Tokens, fit, tools_text
from training.agents import tool_names
from training.sources import OPEN, RIGHT, WRONG, Label, Parts, Source

__all__ = ["TRAINED_TOKENS", "Batch", "draw", "in_conversation", "worded"]

TRAINED_TOKENS = 64
"""What a prompt has in training; what the package reads may be less."""

_PROMPTS = 112
_WITH_OTHER_TOOLS = 0.03
_FRAMES = (
    "{}",
    "{}",
    "{}",
    "{}",
    "{}.",
    "requests about {}",
    "the user wants help with {}",
    "use this for {}",
    "tasks such as {}",
    "handles {}",
    "questions or tasks: {}",
)
_TOPIC_FRAMES = ("{}", "{}", "questions about {}", "help with {}", "{} and related subjects")
_FOLLOW_UPS = """make it shorter
make that longer
can you improve it
now do it again but better
try a different approach
one more time please
keep going
go on
what about the second part?
expand on the last point
can you give another example
hmm, not quite, try again
ok but simpler
same thing but with more detail
that is wrong, please fix it
use another style
and now for the other case
could you redo this
explain what you did
now make it faster
add more of that
great, next one
is that correct?
are you sure?
remove the last part
change the beginning
put it in a table
yes please
no, the other one"""
_ANSWERS = """Sure, here it is.
Here is a first version. Tell me what to change.
Of course! Let me know if you need anything else.
Done. Would you like me to go on?
There are several ways to look at this.
Here is what I came up with.
Certainly. It depends on a few things."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids of prompts and routes, and a judgement of every pair."""

    prompts: list[list[int]]
    routes: list[list[int]]
    judgements: NDArray[np.int8]
    everyday: bool = False
    technical: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


def draw(sources: Sequence[Source], tokens: Tokens, chance: random.Random) -> Batch:
    """A batch from two sources, drawn by their weights."""
    chosen = chance.choices(sources, [source.weight for source in sources], k=2)
    if chosen[0] is chosen[1]:
        return _half(chosen[0], _PROMPTS, tokens, chance)
    halves = [_half(source, _PROMPTS // 2, tokens, chance) for source in chosen]
    rows, columns = (len(halves[0].prompts), len(halves[0].routes))
    shape = (rows + len(halves[1].prompts), columns + len(halves[1].routes))
    judgements = np.full(shape, OPEN, np.int8)
    judgements[:rows, :columns] = halves[0].judgements
    judgements[rows:, columns:] = halves[1].judgements
    judgements[:rows, columns:] = _across(*halves)
    judgements[rows:, :columns] = _across(*reversed(halves))
    prompts = halves[0].prompts + halves[1].prompts
    return Batch(prompts, halves[0].routes + halves[1].routes, judgements)


def _across(prompts: Batch, routes: Batch) -> NDArray[np.int8]:
    """The judgements of one source's prompts with another's routes."""
    judgements = np.full((len(prompts.prompts), len(routes.routes)), OPEN, np.int8)
    if prompts.everyday:
        judgements[:, routes.technical] = WRONG
    elif routes.everyday:
        technical = ((prompts.judgements == RIGHT) & prompts.technical[None, :]).any(axis=1)
        judgements[technical] = WRONG
    return judgements


def _half(source: Source, count: int, tokens: Tokens, chance: random.Random) -> Batch:
    rows = chance.sample(range(len(source.prompts)), min(count, len(source.prompts)))
    judged = source.judgements[rows]
    columns = _columns(source, judged, count, chance)
    prompts = [in_conversation(source, row, tokens, chance) for row in rows]
    routes = [worded(source.labels[column], tokens, chance) for column in columns]
    technical = np.array([source.labels[column].technical for column in columns])
    return Batch(prompts, routes, judged[:, columns], source.everyday, technical)


def _columns(
    source: Source, judged: NDArray[np.int8], count: int, chance: random.Random
) -> list[int]:
    total = len(source.labels)
    if total <= source.listed:
        # Every label once, and a share of them in a second wording.
        return [*range(total), *chance.sample(range(total), total // 3)]
    needed = set(np.flatnonzero((judged == RIGHT).any(axis=0)).tolist())
    near = {other for column in needed for other in source.labels[column].confusable}
    listed = source.listed * count // _PROMPTS
    chosen = set(needed)
    for pool in (sorted(near - needed), range(total)):
        room = max(0, listed + (8 if pool else 0) - len(chosen))
        chosen |= set(chance.sample(pool, min(room, len(pool))))
    return sorted(chosen)


def in_conversation(source: Source, row: int, tokens: Tokens, chance: random.Random) -> list[int]:
    parts: Parts = source.prompts[row]
    if source.continued and len(parts) == 1:
        kind = chance.random()
        if kind < 0.08:
            follow_up = tokens.ids(chance.choice(_FOLLOW_UPS.splitlines()))
            parts = [follow_up, parts[0], tokens.ids(chance.choice(_ANSWERS.splitlines()))]
        elif kind < 0.16:
            other = chance.choice(source.prompts)[0]
            parts = [parts[0], other, tokens.ids(chance.choice(_ANSWERS.splitlines()))]
    return fit(parts, TRAINED_TOKENS, _tools(source, tokens, chance))


def _tools(source: Source, tokens: Tokens, chance: random.Random) -> list[int]:
    """Tools of an agent's beside what people ask of agents, and now and then beside anything, so
    that they tell something and settle nothing."""
    kind = chance.random()
    if kind < source.with_agents_tools:
        return tokens.ids(tools_text(tool_names(chance, agents=True)))
    if kind > 1 - _WITH_OTHER_TOOLS:
        return tokens.ids(tools_text(tool_names(chance, agents=False)))
    return []


def worded(label: Label, tokens: Tokens, chance: random.Random) -> list[int]:
    name = chance.choice(label.names)
    kind = chance.random()
    if not label.descriptions:
        return tokens.route(chance.choice(_TOPIC_FRAMES).format(name) if kind < 0.5 else name, "")
    description = chance.choice(label.descriptions)
    if kind < 0.10:
        return tokens.route(name, "")
    if kind < 0.22:
        name = f"route {chance.randint(1, 20)}" if kind < 0.14 else ""
    if chance.random() < 0.25:
        description = _shortened(description, chance)
    if chance.random() < 0.5:
        description = chance.choice(_FRAMES).format(description)
    return tokens.route(name, description) if name else tokens.route(description, "")


def _shortened(description: str, chance: random.Random) -> str:
    items = re.split(r", (?:or |and )?|: ", description)
    if len(items) < 3:
        return description
    kept = chance.sample(items, chance.randint(2, len(items) - 1))
    return ", ".join(kept)
