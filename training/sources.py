"""The training data: prompts, the labels they belong to, and the wordings of every label.

A source is read from the data folder (``llm_tasks.jsonl`` and its neighbours) or from the
hand-written sections beside this module. Within a source a prompt and a label are right, wrong or
open (neither: such a pair teaches nothing). Across sources pairs are open, but that everyday
requests do not want technical tasks.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extproc.intent.excerpts import clip
from extproc.intent.tokens import Tokens
from training.agents import BROAD, KINDS, agent_prompts, task_rows
from training.junk import junk
from training.supplement import supplement
from training.wordings import ALIASES, AREAS

__all__ = ["OPEN", "RIGHT", "WRONG", "Label", "Source", "read_sections", "read_sources"]

RIGHT, WRONG, OPEN = 1, 0, -1

_SUPPLEMENT = 1200
_OF_AGENTS = 450
_JUNK = 400
_ANYWHERE = frozenset({"chat", "plan"})
_HANDWRITTEN_WEIGHT = 0.00016
_AREAS_WEIGHT = 0.00004
_LEAST_AREAS_WEIGHT = 0.02
_LIMITS = (480, 220, 160, 220, 120)
_TECHNICAL = frozenset(
    (
        *("code_generation", "unit_tests", "sql", "devops", "code_understanding", "coding"),
        *("summarization", "extraction", "image_generation"),
    )
)
_EVERYDAY = frozenset({"desks"})
_EXCLUSIVE = frozenset({"walks_of_life", "fields"})
"""Files whose sections exclude each other, too."""
_HANDWRITTEN = Path(__file__).with_name("handwritten")
_TOPIC_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "help with anything about questions requests that mention and related subjects "
        "the a of to in for on topics",
    )
)

Parts = list[list[int]]


@dataclass(frozen=True, slots=True)
class Label:
    """What a route may be called and how it may be described (no description: the name says it).

    ``technical`` labels are never right for an everyday request (a bank transfer, a taxi).
    """

    names: Sequence[str]
    descriptions: Sequence[str] = ()
    confusable: Sequence[int] = ()
    technical: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Prompts as token ids per turn, labels, and a judgement of every pair.

    ``weight`` is how often batches draw from here; ``listed`` is how many labels a batch shows.
    ``continued`` prompts may be put into invented conversations; ``everyday`` ones are requests to
    an assistant or a service desk. A ``broad`` source has the prompts of another one, under fewer
    labels. ``with_agents_tools`` is the share of its prompts beside which a coding agent's tools
    are named; ``of_agents`` is how many of its last prompts are invented ones to coding agents.
    """

    name: str
    weight: float
    listed: int
    prompts: Sequence[Parts]
    labels: Sequence[Label]
    judgements: NDArray[np.int8]
    continued: bool = field(default=True)
    everyday: bool = field(default=False)
    broad: bool = field(default=False)
    with_agents_tools: float = field(default=0.05)
    of_agents: int = field(default=0)


def read_sources(folder: Path, tokens: Tokens) -> list[Source]:
    """Every source; ``folder`` holds ``descriptions.json`` and the ``.jsonl`` files beside it."""
    wordings = json.loads((folder / "descriptions.json").read_text())
    clinc = _lines(folder / "clinc.jsonl") + 5 * _lines(folder / "clinc_outside.jsonl")
    tasks = [*_lines(folder / "llm_tasks.jsonl"), *supplement(0, _SUPPLEMENT)]
    of_agents = list(task_rows(0, _OF_AGENTS))
    sources = [
        _tasks([*tasks, *of_agents], len(of_agents), wordings["llm_tasks"], tokens),
        _intents(clinc, wordings, tokens),
        _domains(clinc, wordings["clinc_domains"], tokens),
        _services(_lines(folder / "sgd.jsonl"), wordings["sgd_services"], tokens),
        _topics(_lines(folder / "topics.jsonl"), tokens),
        _agents(tokens),
        _agents_areas(tokens),
        _junk(tokens),
    ]
    for file in sorted(_HANDWRITTEN.glob("*.txt")):
        sources.append(_handwritten(file, tokens))
        if file.stem in AREAS:
            sources.append(_areas(file, tokens))
    return sources


def _tasks(
    rows: list[dict[str, Any]], of_agents: int, wordings: dict[str, list[str]], tokens: Tokens
) -> Source:
    labels = []
    for label, descriptions in wordings.items():
        names, more = ALIASES.get(label, ((), ()))
        described = [*descriptions, *descriptions, *more]
        labels.append(Label([label, label, *names], described, technical=label in _TECHNICAL))
    keys = {label: column for column, label in enumerate(wordings)}
    judgements = np.full((len(rows), len(labels)), WRONG, np.int8)
    for row, example in enumerate(rows):
        judgements[row, [keys[label] for label in example["ambiguous"]]] = OPEN
        judgements[row, [keys[label] for label in example["positive"]]] = RIGHT
    prompts = _prompts((row["text"] for row in rows), tokens)
    return Source(*("tasks", 0.30, len(labels), prompts, labels, judgements), of_agents=of_agents)


def _agents(tokens: Tokens) -> Source:
    """What people say to coding agents, under labels such as a team's own routes have."""
    kinds = list(KINDS)
    texts = list(agent_prompts(1, _OF_AGENTS))
    judgements = _one_right([{"kind": kind} for _, kind in texts], "kind", kinds)
    for row, (_, kind) in enumerate(texts):
        judgements[row, [kinds.index(near) for near in KINDS[kind].near]] = OPEN
    labels = [
        Label(kind.names, kind.descriptions, technical=name not in _ANYWHERE)
        for name, kind in KINDS.items()
    ]
    prompts = _prompts((text for text, _ in texts), tokens)
    return Source(
        *("agents", 0.28, 64, prompts, labels, judgements),
        with_agents_tools=0.5,
        of_agents=len(prompts),
    )


def _agents_areas(tokens: Tokens) -> Source:
    """The same under broad labels, beside others that are for nothing of the kind."""
    texts = list(agent_prompts(2, _OF_AGENTS))
    judgements = np.full((len(texts), len(BROAD)), WRONG, np.int8)
    for column, label in enumerate(BROAD.values()):
        for row, (_, kind) in enumerate(texts):
            if kind in label.right:
                judgements[row, column] = RIGHT
            elif kind in label.open:
                judgements[row, column] = OPEN
    labels = [Label(label.names, label.descriptions) for label in BROAD.values()]
    prompts = _prompts((text for text, _ in texts), tokens)
    return Source(
        *("agents areas", 0.28, 64, prompts, labels, judgements),
        broad=True,
        with_agents_tools=0.5,
        of_agents=len(prompts),
    )


def _junk(tokens: Tokens) -> Source:
    """What no label is for."""
    prompts = _prompts(junk(0, _JUNK), tokens)
    labels = [Label(label.names, label.descriptions) for label in BROAD.values()]
    judgements = np.full((len(prompts), len(labels)), WRONG, np.int8)
    return Source("junk", 0.06, 64, prompts, labels, judgements, False, of_agents=len(prompts))


def _intents(rows: list[dict[str, Any]], wordings: dict[str, Any], tokens: Tokens) -> Source:
    keys = {name: column for column, name in enumerate(wordings["clinc_intents"])}
    near: dict[str, set[int]] = {}
    for group in wordings["clinc_confusable"]:
        for name in group:
            near.setdefault(name, set()).update(keys[other] for other in group if other in keys)
    labels = [
        Label([name], [text], sorted(near.get(name, set()) - {keys[name]}))
        for name, text in wordings["clinc_intents"].items()
    ]
    judgements = _one_right(rows, "intent", list(wordings["clinc_intents"]))
    prompts = _prompts((row["text"] for row in rows), tokens)
    return Source("intents", 0.14, 64, prompts, labels, judgements, everyday=True)


def _domains(rows: list[dict[str, Any]], wordings: dict[str, str], tokens: Tokens) -> Source:
    labels = []
    for name, text in wordings.items():
        short = text.partition(":")[0]
        labels.append(Label([name], [text, text, short]))
    prompts = _prompts((row["text"] for row in rows), tokens)
    judgements = _one_right(rows, "domain", list(wordings))
    return Source("domains", 0.07, 8, prompts, labels, judgements, True, True, broad=True)


def _one_right(rows: list[dict[str, Any]], key: str, names: list[str]) -> NDArray[np.int8]:
    given = np.array([row.get(key, "") for row in rows])
    return np.where(given[:, None] == np.array(names), RIGHT, WRONG).astype(np.int8)


def _services(rows: list[dict[str, Any]], wordings: dict[str, list[str]], tokens: Tokens) -> Source:
    # Services of one kind (Hotels_1, Hotels_3) are told apart by brand only: they are open.
    kinds = [name.split("_")[0] for name in wordings]
    labels = [
        Label([name, name, name.split("_")[0]], [lines[0], lines[0], lines[0], *lines[1:2]])
        for name, lines in wordings.items()
    ]
    judgements = np.full((len(rows), len(labels)), WRONG, np.int8)
    names = list(wordings)
    for row, example in enumerate(rows):
        wanted = example["service"]
        for column, kind in enumerate(kinds):
            if names[column] == wanted:
                judgements[row, column] = RIGHT
            elif kind == wanted.split("_")[0]:
                judgements[row, column] = OPEN
    prompts = _prompts((row["text"] for row in rows), tokens)
    return Source("services", 0.12, len(labels), prompts, labels, judgements, False, True)


def _topics(rows: list[dict[str, Any]], tokens: Tokens) -> Source:
    topics = sorted({row["positive"][0] for row in rows})
    subjects = [_subject_words(topic) for topic in topics]
    judgements = np.full((len(rows), len(topics)), WRONG, np.int8)
    by_word: dict[str, list[int]] = {}
    for column, subject in enumerate(subjects):
        for word in subject:
            by_word.setdefault(word, []).append(column)
    keys = {topic: column for column, topic in enumerate(topics)}
    empty = [column for column, subject in enumerate(subjects) if not subject]
    for row, example in enumerate(rows):
        right = example["positive"][0]
        judgements[row, empty] = OPEN
        for word in _subject_words(example["text"]) | _subject_words(right):
            judgements[row, by_word.get(word, [])] = OPEN
        judgements[row, keys[right]] = RIGHT
    prompts = _prompts((row["text"] for row in rows), tokens)
    return Source("topics", 0.17, 64, prompts, [Label([topic]) for topic in topics], judgements)


def _subject_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower())) - _TOPIC_FILLERS


def read_sections(file: Path) -> list[tuple[str, Label, list[str]]]:
    """The labels of a hand-written file, with their section and prompts.

    ``== section`` starts a section, ``# name; name | description; description`` a label, other
    lines are its prompts. Labels of one section exclude each other, in some files all labels do.
    """
    found: list[tuple[str, Label, list[str]]] = []
    section = ""
    for line in file.read_text().splitlines():
        if line.startswith("== "):
            section = line[3:].strip()
        elif line.startswith("# "):
            names, _, descriptions = line[2:].partition("|")
            found.append((section, Label(_split(names), _split(descriptions)), []))
        elif line.strip():
            found[-1][2].append(line.strip())
    return found


def _split(listing: str) -> list[str]:
    return [item.strip() for item in listing.split(";") if item.strip()]


def _handwritten(file: Path, tokens: Tokens) -> Source:
    found = read_sections(file)
    texts = [(text, row) for row, (_, _, prompts) in enumerate(found) for text in prompts]
    sections = np.array([section for section, _, _ in found])
    rows = np.array([row for _, row in texts])
    same = sections[rows][:, None] == sections[None, :]
    excluded = same | (file.stem in _EXCLUSIVE)
    judgements = np.where(excluded, WRONG, OPEN).astype(np.int8)
    judgements[np.arange(len(rows)), rows] = RIGHT
    labels = []
    for row, (section, label, _) in enumerate(found):
        near = [other for other in np.flatnonzero(sections == section).tolist() if other != row]
        random.Random(row).shuffle(near)
        labels.append(Label(label.names, label.descriptions, near[:12]))
    prompts = _prompts((text for text, _ in texts), tokens)
    weight = _HANDWRITTEN_WEIGHT * len(texts)
    everyday = file.stem in _EVERYDAY
    return Source(file.stem, weight, 64, prompts, labels, judgements, everyday=everyday)


def _areas(file: Path, tokens: Tokens) -> Source:
    """The sections of a hand-written file as labels: broad routes."""
    wordings = AREAS[file.stem]
    names = list(wordings)
    found = read_sections(file)
    texts = [(text, section) for section, _, prompts in found for text in prompts]
    judgements = _one_right([{"area": area} for _, area in texts], "area", names)
    labels = [Label([name], wordings[name]) for name in names]
    prompts = _prompts((text for text, _ in texts), tokens)
    everyday = file.stem in _EVERYDAY
    name = f"{file.stem} areas"
    weight = max(_LEAST_AREAS_WEIGHT, _AREAS_WEIGHT * len(texts))
    return Source(name, weight, 64, prompts, labels, judgements, True, everyday, broad=True)


def _prompts(texts: Iterable[str], tokens: Tokens) -> list[Parts]:
    prompts = []
    for text in texts:
        parts = text.split(" [SEP] ")
        limits = [*_LIMITS, *[_LIMITS[-1]] * len(parts)]
        clipped = (clip(part.strip(), limit) for part, limit in zip(parts, limits, strict=False))
        prompts.append([ids for ids in map(tokens.ids, clipped) if ids] or [[100]])
    return prompts


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
