"""Figures of torch weights on development sets, for one or several mixtures with the published.

    python -m training.evaluate WEIGHTS DEVELOPMENT [--share 1.0 0.8 ...] [--tokens 64]

``WEIGHTS`` is a file of :mod:`training.encoder`, or ``published``. ``--share`` is how much of it
goes into the mixture; the rest is the published weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.intent.conversation_ids import conversation_ids
from extproc.intent.tokens import Tokens
from training.bert import PROMPT, ROUTE, Encoder, published
from training.development import development_sets
from training.figures import Case, best_threshold, figures, table

__all__ = ["TorchScores", "mixture"]


def mixture(weights: Path | None, share: float) -> Encoder:
    """The encoder whose weights are ``share`` times those of ``weights``, the rest published."""
    encoder = published()
    if weights is not None:
        trained = torch.load(weights, weights_only=True)
        state = encoder.state_dict()
        encoder.load_state_dict(
            {name: torch.lerp(state[name], trained[name], share) for name in state}
        )
    encoder.eval()
    return encoder


class TorchScores:
    """Scores of an :class:`Encoder`; all texts are encoded beforehand, many at once."""

    def __init__(
        self, encoder: Encoder, cases: Iterable[Case], tokens: Tokens, limit: int | None = None
    ) -> None:
        self._tokens, self._limit = tokens, limit
        prompts, routes = set(), set()
        for case in cases:
            prompts.add(self._prompt(case.conversation))
            routes |= {self._route(route) for route in case.routes}
        self._prompts = _encoded(encoder, sorted(prompts), PROMPT)
        self._routes = _encoded(encoder, sorted(routes), ROUTE)

    def __call__(self, conversation: Conversation, routes: Sequence[Route]) -> Sequence[float]:
        prompt = self._prompts[self._prompt(conversation)]
        return [float(prompt @ self._routes[self._route(route)]) for route in routes]

    def _prompt(self, conversation: Conversation) -> tuple[int, ...]:
        return tuple(conversation_ids(self._tokens, conversation, limit=self._limit) or [100])

    def _route(self, route: Route) -> tuple[int, ...]:
        return tuple(self._tokens.route(route.name, route.description))


@torch.inference_mode()
def _encoded(
    encoder: Encoder, texts: Sequence[tuple[int, ...]], kind: int
) -> dict[tuple[int, ...], np.ndarray]:
    vectors: dict[tuple[int, ...], np.ndarray] = {}
    with torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(texts), 128):
            some = texts[start : start + 128]
            encoded = encoder.encode(some, [kind] * len(some)).float().numpy()
            vectors.update(zip(some, encoded, strict=True))
    return vectors


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description="Figures of weights on development sets.")
    parser.add_argument("weights")
    parser.add_argument("development", type=Path)
    parser.add_argument("--share", type=float, nargs="+", default=[1.0])
    parser.add_argument("--tokens", type=int, default=None)
    options = parser.parse_args()
    torch.set_num_threads(1)
    weights = None if options.weights == "published" else Path(options.weights)
    tokens = Tokens()
    sets = development_sets(options.development)
    everything = [case for cases in sets.values() for case in cases]
    for share in options.share:
        scores = TorchScores(mixture(weights, share), everything, tokens, options.tokens)
        measured = {name: figures(cases, scores) for name, cases in sets.items()}
        tuned = [one for name, one in measured.items() if name != "topical"]
        threshold = best_threshold(tuned)
        sys.stdout.write(f"share {share}, threshold {threshold:.2f}\n")
        sys.stdout.write(table({n: m for n, m in measured.items() if n != "topical"}, threshold))
        sys.stdout.write(table({"topical": measured["topical"]}, threshold) + "\n")


if __name__ == "__main__":
    main()
