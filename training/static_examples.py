"""The training data as tokens: prompts, candidate route texts, and which belong together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extproc.intent.excerpts import EXCERPT_WEIGHTS, clip
from extproc.intent.static_vectors import StaticVectors, Tokens, Vector
from training.static_supplement import Example, supplement

__all__ = ["OPEN", "RIGHT", "WRONG", "Matching", "read_matchings"]

RIGHT, WRONG, OPEN = 1, 0, -1

_LIMITS = (1400, 220, 160, 220)
_SUPPLEMENT = 1500
_TOPIC_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "help with anything about questions requests that mention and related subjects "
        "the a of to in for on topics",
    )
)


@dataclass(frozen=True, slots=True)
class Matching:
    """Prompts (token ids and what each counts), route texts, and a judgement of every pair.

    ``share`` is how many of the batches come from here. Pairs judged ``OPEN`` teach nothing.
    """

    share: float
    prompts: Sequence[tuple[Tokens, Vector]]
    routes: Sequence[Tokens]
    judgements: NDArray[np.int8]


def read_matchings(
    folder: Path, vectors: StaticVectors, rng: np.random.Generator
) -> list[Matching]:
    """Read a training data folder (``descriptions.json`` and the ``.jsonl`` files beside it)."""
    wordings = json.loads((folder / "descriptions.json").read_text())
    clinc = _lines(folder / "clinc.jsonl")
    clinc += 5 * _lines(folder / "clinc_outside.jsonl")
    return [
        _tasks(_lines(folder / "llm_tasks.jsonl"), wordings["llm_tasks"], vectors, rng),
        _labels(0.16, clinc, "intent", wordings["clinc_intents"], vectors),
        _labels(0.06, clinc, "domain", wordings["clinc_domains"], vectors),
        _services(_lines(folder / "sgd.jsonl"), wordings["sgd_services"], vectors),
        _topics(_lines(folder / "topics.jsonl"), vectors),
    ]


def _tasks(
    rows: list[dict[str, Any]],
    wordings: dict[str, list[str]],
    vectors: StaticVectors,
    rng: np.random.Generator,
) -> Matching:
    texts, labels = [], []
    for label, descriptions in wordings.items():
        for description in descriptions:
            texts += [f"{label.replace('_', ' ')}: {description}", description]
            labels += [label, label]
    examples: list[Example] = [(r["text"], r["positive"], r["ambiguous"]) for r in rows]
    examples += supplement(rng, _SUPPLEMENT)
    judgements = np.full((len(examples), len(texts)), WRONG, np.int8)
    for row, (_, right, unsettled) in enumerate(examples):
        for column, label in enumerate(labels):
            if label in right:
                judgements[row, column] = RIGHT
            elif label in unsettled:
                judgements[row, column] = OPEN
    return _matching(0.42, [text for text, _, _ in examples], texts, judgements, vectors)


def _labels(
    share: float,
    rows: list[dict[str, Any]],
    key: str,
    wordings: dict[str, str],
    vectors: StaticVectors,
) -> Matching:
    texts = [f"{label.replace('_', ' ')}: {wordings[label]}" for label in wordings]
    given = np.array([row.get(key, "") for row in rows])
    judgements = np.where(given[:, None] == np.array(list(wordings)), RIGHT, WRONG).astype(np.int8)
    return _matching(share, [row["text"] for row in rows], texts, judgements, vectors)


def _services(
    rows: list[dict[str, Any]], wordings: dict[str, list[str]], vectors: StaticVectors
) -> Matching:
    services = [(name, nth) for name, lines in wordings.items() for nth in range(len(lines))]
    texts = [f"{name.replace('_', ' ')}: {wordings[name][nth]}" for name, nth in services]
    judgements = np.full((len(rows), len(texts)), WRONG, np.int8)
    for row, example in enumerate(rows):
        wanted = example["service"]
        for column, (name, nth) in enumerate(services):
            if name.split("_")[0] == wanted.split("_")[0]:
                judgements[row, column] = RIGHT if name == wanted and nth == 0 else OPEN
    return _matching(0.14, [row["text"] for row in rows], texts, judgements, vectors)


def _topics(rows: list[dict[str, Any]], vectors: StaticVectors) -> Matching:
    topics = sorted({row["positive"][0] for row in rows})
    subjects = [_subject_words(topic) for topic in topics]
    judgements = np.full((len(rows), len(topics)), WRONG, np.int8)
    for row, example in enumerate(rows):
        right = example["positive"][0]
        mentioned = _subject_words(example["text"]) | _subject_words(right)
        for column, (topic, subject) in enumerate(zip(topics, subjects, strict=True)):
            if topic == right:
                judgements[row, column] = RIGHT
            elif not subject or subject & mentioned:
                judgements[row, column] = OPEN
    return _matching(0.22, [row["text"] for row in rows], topics, judgements, vectors)


def _subject_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower())) - _TOPIC_FILLERS


def _matching(
    share: float,
    prompts: Iterable[str],
    routes: Iterable[str],
    judgements: NDArray[np.int8],
    vectors: StaticVectors,
) -> Matching:
    read = [_prompt(prompt, vectors) for prompt in prompts]
    kept = [row for row, (ids, _) in enumerate(read) if len(ids)]
    return Matching(
        share,
        [read[row] for row in kept],
        [vectors.tokens(route) for route in routes],
        judgements[kept],
    )


def _prompt(text: str, vectors: StaticVectors) -> tuple[Tokens, Vector]:
    ids, counts = [], []
    for position, part in enumerate(text.split(" [SEP] ")):
        kind = min(position, len(EXCERPT_WEIGHTS) - 1)
        tokens = vectors.tokens(clip(part.strip(), _LIMITS[kind]))
        ids.append(tokens)
        counts.append(np.full(len(tokens), EXCERPT_WEIGHTS[kind], np.float32))
    return np.concatenate(ids), np.concatenate(counts)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
