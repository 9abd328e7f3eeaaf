"""Learns what static word embeddings need to tell tasks apart: token weights and two projections.

    python -m training.static_projection TRAINING_FOLDER DEVELOPMENT_FOLDER [--output FILE]

A prompt's vector is ``unit(unit(sum of count * weight * row) @ projection)``, and a route's
likewise with its own weights and projection. They are trained together, contrastive plus sigmoid
loss, with Adam and a pull towards "no change": half a minute on two cores, the same result for the
same seed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extproc.intent.embedded import THRESHOLD, EmbeddedClassifier
from extproc.intent.static_vectors import PROJECTION, StaticVectors, Tokens, Vector
from training.figures import report
from training.static_examples import OPEN, RIGHT, WRONG, Matching, read_matchings

_STEPS = 600
_WARM_UP = 100
_BATCH = 256
_ROUTES_PER_BATCH = 160
_NEGATIVES_IN_SIGMOID_LOSS = 8.0
_RATES = {"weights": 5e-3, "projection": 1e-3, "scale": 3e-3}
_PULL_TO_IDENTITY = 0.1 / 256
_PULL_TO_EVEN_WEIGHTS = 1e-5


@dataclass(slots=True)
class Side:
    """What is learned for prompts, or for routes: a log weight per token and a projection."""

    weights: Vector
    projection: Vector


@dataclass(slots=True)
class Adam:
    """Adam for one array: running means of the gradient and of its square."""

    rate: float
    mean: Vector | float = 0.0
    square: Vector | float = 0.0
    steps: int = field(default=0)

    def step(self, gradient: Vector, slowed: float) -> Vector:
        """The change to add to the array; ``slowed`` scales the learning rate."""
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.99 * self.square + 0.01 * gradient**2
        mean = self.mean / (1 - 0.9**self.steps)
        square = self.square / (1 - 0.99**self.steps)
        change: Vector = np.asarray(-slowed * self.rate * mean / (np.sqrt(square) + 1e-8))
        return change.astype(np.float32)


class Pass:
    """Texts to unit vectors, remembering what the way back needs."""

    def __init__(
        self, table: Vector, side: Side, texts: Sequence[Tokens], counts: Sequence[Vector]
    ) -> None:
        self._side = side
        self._ids = np.concatenate(texts)
        self._lengths = np.array([len(text) for text in texts])
        self._rows = table[self._ids]
        self._amounts = np.exp(side.weights[self._ids]) * np.concatenate(counts)
        starts = np.cumsum(self._lengths) - self._lengths
        sums = np.add.reduceat(self._amounts[:, None] * self._rows, starts, axis=0)
        self._sums, self._sum_lengths = _units(sums)
        self.vectors, self._lengths_out = _units(self._sums @ side.projection)

    def back(self, gradient: Vector) -> Side:
        """From the loss's gradient by the vectors to its gradient by the side."""
        outward = _through_unit(gradient, self.vectors, self._lengths_out)
        inward = _through_unit(outward @ self._side.projection.T, self._sums, self._sum_lengths)
        text_of_token = np.repeat(np.arange(len(self._lengths)), self._lengths)
        by_token = self._amounts * np.einsum("ij,ij->i", self._rows, inward[text_of_token])
        weights = np.bincount(self._ids, by_token, len(self._side.weights)).astype(np.float32)
        return Side(weights, self._sums.T @ outward)


def _units(vectors: Vector) -> tuple[Vector, Vector]:
    lengths: Vector = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    return vectors / lengths, lengths


def _through_unit(gradient: Vector, units: Vector, lengths: Vector) -> Vector:
    along = (gradient * units).sum(axis=1, keepdims=True)
    before: Vector = (gradient - units * along) / lengths
    return before


def loss_gradient(
    logits: Vector, bias: float, judgements: NDArray[np.int8]
) -> tuple[Vector, float]:
    """The gradient, by the logits and by the bias, of the mean loss per prompt.

    The contrastive part makes each right route outrank all wrong ones; the sigmoid part gives the
    likeness an absolute meaning, which the decision for "none" needs.
    """
    right, wrong = judgements == RIGHT, judgements == WRONG
    rights = np.maximum(right.sum(axis=1, keepdims=True), 1)
    shown = np.where(judgements == OPEN, -np.inf, logits)
    odds = np.exp(shown - shown.max(axis=1, keepdims=True))
    against = np.where(wrong, odds, 0).sum(axis=1, keepdims=True)
    share = np.where(right, 1 / (odds + against + 1e-12), 0)
    contrastive = np.where(right, (odds * share - 1) / rights, 0)
    contrastive += np.where(wrong, odds * share.sum(axis=1, keepdims=True) / rights, 0)
    matched = 1 / (1 + np.exp(-(logits + bias)))
    wrongs = np.maximum(wrong.sum(axis=1, keepdims=True), 1)
    sigmoid = np.where(right, (matched - 1) / rights, 0)
    sigmoid += np.where(wrong, matched * _NEGATIVES_IN_SIGMOID_LOSS / wrongs, 0)
    total = (contrastive + sigmoid) / len(logits)
    return total.astype(np.float32), float(sigmoid.sum() / len(logits))


def learn(matchings: Sequence[Matching], table: Vector, rng: np.random.Generator) -> list[Side]:
    """Train; returns the prompts' side and the routes' side."""
    identity = np.eye(table.shape[1], dtype=np.float32)
    sides = [Side(np.zeros(len(table), np.float32), identity.copy()) for _ in range(2)]
    adams = [{name: Adam(_RATES[name]) for name in ("weights", "projection")} for _ in sides]
    # The logits' log scale and bias exist during training only.
    scale, scale_adam = np.array([np.log(12.0), -4.0], np.float32), Adam(_RATES["scale"])
    shares = [matching.share for matching in matchings]
    for step in range(1, _STEPS + 1):
        matching = matchings[rng.choice(len(matchings), p=shares)]
        rows = rng.choice(len(matching.prompts), _BATCH, replace=False)
        columns = _columns(matching, rows, rng)
        routes = [matching.routes[column] for column in columns]
        ones = [np.ones(len(route), np.float32) for route in routes]
        texts, counts = zip(*(matching.prompts[row] for row in rows), strict=True)
        passes = [Pass(table, sides[0], texts, counts), Pass(table, sides[1], routes, ones)]
        prompt_vectors, route_vectors = (one.vectors for one in passes)
        factor, bias = np.exp(scale[0]), float(scale[1])
        logits = factor * (prompt_vectors @ route_vectors.T)
        by_logits, by_bias = loss_gradient(logits, bias, matching.judgements[rows][:, columns])
        by_likeness = factor * by_logits
        gradients = [
            passes[0].back(by_likeness @ route_vectors),
            passes[1].back(by_likeness.T @ prompt_vectors),
        ]
        slowed = min(1.0, step / _WARM_UP) * max(0.02, 1 - step / _STEPS)
        by_scale = np.array([(by_logits * logits).sum(), by_bias], np.float32)
        scale = scale + scale_adam.step(by_scale, slowed)
        for side, gradient, adam in zip(sides, gradients, adams, strict=True):
            evenly = gradient.weights + _PULL_TO_EVEN_WEIGHTS * side.weights
            closer = gradient.projection + _PULL_TO_IDENTITY * (side.projection - identity)
            side.weights += adam["weights"].step(evenly, slowed)
            side.projection += adam["projection"].step(closer, slowed)
    return sides


def _columns(
    matching: Matching, rows: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    everything = np.arange(len(matching.routes), dtype=np.int64)
    if len(everything) <= _ROUTES_PER_BATCH:
        return everything
    needed = np.flatnonzero((matching.judgements[rows] == RIGHT).any(axis=0))
    drawn = rng.choice(everything, _ROUTES_PER_BATCH, replace=False)
    return np.union1d(needed, drawn).astype(np.int64)


def main() -> None:
    """Train, write the package data, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("training", type=Path)
    parser.add_argument("development", type=Path)
    parser.add_argument("--output", type=Path, default=PROJECTION)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    vectors = StaticVectors(None)
    sys.stdout.write("before\n" + report(options.development, EmbeddedClassifier(vectors, -1.0)))
    matchings = read_matchings(options.training, vectors, rng)
    began = time.monotonic()
    prompts, routes = learn(matchings, vectors.table, rng)
    sys.stdout.write(f"trained in {time.monotonic() - began:.0f} s\n")
    np.savez(
        options.output,
        query_weights=np.exp(prompts.weights).astype(np.float16),
        route_weights=np.exp(routes.weights).astype(np.float16),
        query_projection=prompts.projection.astype(np.float16),
        route_projection=routes.projection.astype(np.float16),
    )
    trained = EmbeddedClassifier(StaticVectors(options.output), -1.0)
    sys.stdout.write(f"after, threshold {THRESHOLD}\n" + report(options.development, trained))


if __name__ == "__main__":
    main()
