"""Trains what tells attacks on a model from other texts: ``extproc/injection/head.npz``.

    python -m training.injection [--abroad-alone | --figures]

The encoders stay as they are. Learned, from ``injection_texts``, are two linear heads over their
vectors, and how much each piece of the vocabulary tells, by which long texts are looked through
first. Takes some minutes on one core. The seed is 0.

``--abroad-alone`` trains the head for other languages than English, and leaves the rest as it is:
what there is to do where the multilingual encoder or its maps have changed
(``training.multilingual``).
``--figures`` trains nothing, and tells what the packaged heads make of ``held_out/injections.txt``
and of the library's other half, which have trained and chosen nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extproc.injection.head import FILE, Heads
from extproc.injection.judge import Judge
from extproc.injection.windows import WINDOW, blocks, pieces, sentences
from extproc.intent.encoder import Encoder
from extproc.intent.multilingual import MultilingualEncoder
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import Vector
from training.injection_texts import HELD_OUT, Example, examples, library_files, read

__all__ = ["trained"]

_LONG: Final = 20_000
"""Characters of a long text."""
_FOLDS: Final = 5
_PULLS: Final = (0.03, 0.1, 0.3, 1.0, 3.0)
_PULLS_ABROAD: Final = (1.0,)
"""With weaker ones some of the texts that are none, held apart, reach 0.9."""


def _logistic(given: Vector, attack: NDArray[np.bool_], weights: Vector, strength: float) -> Vector:
    """The weights of a logistic regression, the intercept last (Newton's method).

    Args:
        given: a row for each example.
        attack: which of them are.
        weights: how much each counts.
        strength: of the pull towards zero.
    """
    rows = np.hstack([given, np.ones((len(given), 1))]).astype(np.float64)
    pull = np.full(rows.shape[1], strength)
    pull[-1] = 1e-6
    found = np.zeros(rows.shape[1])
    for _ in range(12):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weights * (chance - attack)) + pull * found
        bend = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        found -= step
        if np.abs(step).max() < 1e-5:
            break
    return found.astype(np.float32)


def _weights(attack: NDArray[np.bool_]) -> Vector:
    """Both kinds count as much in sum."""
    share = attack.mean()
    weights: Vector = np.where(attack, 0.5 / share, 0.5 / (1 - share)).astype(np.float32)
    return weights


def _held_apart(
    given: Vector, attack: NDArray[np.bool_], families: NDArray[np.int64], strength: float
) -> Vector:
    """The logit of every example, by weights that were learned without its family."""
    logits = np.zeros(len(given), np.float32)
    for fold in range(_FOLDS):
        out = families % _FOLDS == fold
        learned = _logistic(given[~out], attack[~out], _weights(attack[~out]), strength)
        logits[out] = given[out] @ learned[:-1] + learned[-1]
    return logits


def _best(
    given: Vector,
    attack: NDArray[np.bool_],
    families: NDArray[np.int64],
    name: str,
    pulls: Sequence[float] = _PULLS,
) -> Vector:
    """Weights with the pull that does best on families held apart."""
    tried: list[tuple[float, float]] = []
    for strength in pulls:
        logits = _held_apart(given, attack, families, strength)
        order = np.sort(logits[~attack])
        limit = order[int(len(order) * 0.995)]
        found = float((logits[attack] > limit).mean())
        tried.append((found, strength))
        _say(
            f"{name}, pull {strength:g}: finds {found:.1%} where 0.5 % of others are taken for one"
        )
    return _logistic(given, attack, _weights(attack), max(tried)[1])


def trained() -> dict[str, NDArray[np.float32]]:
    """The heads, and how much each piece of the vocabulary tells."""
    english = [each for each in examples(random.Random(0)) if each.english]
    _say(f"{len(english)} texts in English")
    tokens, encoder = Tokens(), Encoder(adapter=None)
    ids, owners = [], []
    for each in english:
        for part in _read_of(each, tokens):
            ids.append(part)
            owners.append(each)
    vectors = np.array([np.concatenate(encoder.halves([101, *part, 102])) for part in ids])
    attack = np.array([each.attack for each in owners])
    families = np.array([each.family for each in owners])

    head = _best(vectors, attack, families, "English")
    return {"english": head, "telling": _telling(ids, attack), **trained_abroad()}


def trained_abroad() -> dict[str, NDArray[np.float32]]:
    """The head for other languages than English."""
    abroad = [each for each in examples(random.Random(0)) if not each.english]
    _say(f"{len(abroad)} texts in other languages")
    multilingual = MultilingualEncoder()
    head = _best(
        np.array([multilingual.prompt([each.text]) for each in abroad]),
        np.array([each.attack for each in abroad]),
        np.array([each.family for each in abroad]),
        "other languages",
        _PULLS_ABROAD,
    )
    return {"other": head}


def _read_of(example: Example, tokens: Tokens) -> Iterator[Sequence[int]]:
    """The pieces that are learned from: of an attack of several sentences not every one is one."""
    if example.attack:
        yield tokens.ids(example.text)[:WINDOW]
        return
    for block in blocks(example.text):
        yield from filter(None, pieces(map(tokens.ids, sentences(block))))


def _telling(ids: Sequence[Sequence[int]], attack: NDArray[np.bool_]) -> Vector:
    """How much each piece of the vocabulary speaks for an attack: the logarithm of how much more
    often it is in one, as far as it was seen."""
    size = max(max(part) for part in ids) + 1
    counts = np.zeros((2, size), np.float32)
    for part, is_attack in zip(ids, attack, strict=True):
        counts[int(is_attack), list(set(part))] += 1
    totals = np.array([(~attack).sum(), attack.sum()], np.float32)
    rates = (counts + 1) / (totals[:, None] + 2)
    seen = counts.sum(axis=0) > 2
    told = np.where(seen, np.log(rates[1] / rates[0]), 0)
    above: Vector = np.maximum(told, 0).astype(np.float32)
    return above


def _figures(judge: Judge) -> None:
    held_out = read(HELD_OUT)
    scored = {name: [judge.score([text]) for text in texts] for name, texts in held_out.items()}
    for threshold in (0.5, 0.8, 0.9, 0.95, 0.98, 0.99):
        shares = ", ".join(
            f"{name} {sum(score >= threshold for score in scores)}/{len(scores)}"
            for name, scores in scored.items()
        )
        _say(f"from {threshold:g}: {shares}")
    for name, texts in held_out.items():
        for text, score in zip(texts, scored[name], strict=True):
            if name.startswith("benign") == (score >= 0.9):
                _say(f"  {name} {score:.3f} {text[:100]!r}")
    files = library_files(measured_with=True)
    long = [judge.score([file.read_text(errors="replace")[:_LONG]]) for file in files]
    for threshold in (0.9, 0.98):
        reach = sum(score >= threshold for score in long)
        _say(f"from {threshold:g}: {reach} of {len(long)} files of Python's standard library")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--figures", action="store_true", help="of the packaged heads, only")
    parser.add_argument("--abroad-alone", action="store_true", help="the rest is there")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    if not options.figures:
        with np.load(FILE) as packaged:
            kept = dict(packaged) if options.abroad_alone else {}
        learned = kept | (trained_abroad() if options.abroad_alone else trained())
        np.savez_compressed(
            FILE,
            english=learned["english"].astype(np.float16),
            other=learned["other"].astype(np.float16),
            telling=learned["telling"].astype(np.float16),
        )
        _say(f"{FILE}: {FILE.stat().st_size} bytes")
    _figures(Judge(Heads()))


if __name__ == "__main__":
    main()
