"""The intent classifier that works out of the box: a small encoder in process, nothing to set up.

A cheap first stage answers what is clear, the encoder what is not. Both read the same 64 tokens at
most, so that no conversation, however long, costs more than one run of the encoder.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Lock
from typing import TypeAlias

import numpy as np

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.intent import Intent
from extproc.intent.cascade import CAUTION, Caution, winner
from extproc.intent.encoder import Encoder, Thresholds, Vector
from extproc.intent.excerpts import clip, excerpts
from extproc.intent.route_vectors import RouteVectors, route_vectors
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.tokens import Tokens, fit

__all__ = ["NAME", "THRESHOLD", "EmbeddedClassifier"]

NAME = "embedded"

THRESHOLD = 0.14
"""The score from which a route matches: on the development sets' plateau."""

_CACHED_LISTS = 128
_CACHED_TEXTS = 1024
_CACHED_ROUTES = 64
_CACHED_CHARACTERS = 32_768
_EXAMPLE_CHARACTERS = 480

_Key: TypeAlias = tuple[tuple[str, str, tuple[str, ...], float | None], ...]


class EmbeddedClassifier:
    """Finds the route whose name and description are most like the conversation.

    Neither network nor files once loaded; the same question has the same answer, whatever else is
    asked at the time. It understands English.
    """

    def __init__(
        self,
        threshold: float | None = None,
        *,
        encoder: Encoder | None = None,
        first_stage: StaticVectors | None = None,
        caution: Caution | None = CAUTION,
    ) -> None:
        """Load what is not given (once per process: about 130 MB and 0.3 s).

        Args:
            threshold: the score, -1 to 1, from which a route matches that sets none; None for the
                packaged one.
            encoder: what has the last word; None loads the packaged one.
            first_stage: what has the first; None loads the packaged one.
            caution: when the first stage's word is enough; None asks the encoder always.
        """
        self._threshold = THRESHOLD if threshold is None else threshold
        self._tokens = Tokens()
        self._encoder = encoder or Encoder()
        self._first_stage = first_stage or StaticVectors()
        self._caution = caution
        self._lists: OrderedDict[_Key, RouteVectors] = OrderedDict()
        # Keyed by ids, not texts: those are bounded.
        self._route_vector = lru_cache(maxsize=_CACHED_TEXTS)(self._encoder.route)
        self._prompt_vector = lru_cache(maxsize=_CACHED_TEXTS)(self._encoder.prompt)
        self._lists_lock = Lock()
        self._thread = _thread()

    async def classify(self, conversation: Conversation, routes: Sequence[Route]) -> Intent:
        """See :class:`extproc.intent.IntentClassifier`; this one never raises its error.

        What takes the encoder is done on a thread, which leaves the event loop free; what the first
        stage can tell is told at once. Other ways were slower: ``benchmarks/classification.py``.
        """
        ids = self._ids(conversation)
        if not ids:
            return Intent(None, classifier=NAME)
        run = asyncio.get_running_loop().run_in_executor
        vectors = self._remembered(_key(routes))
        if vectors is None:
            vectors = await run(self._thread, self._vectors, routes)
        scores = self._guess(ids, vectors)
        if scores is None:
            scores = await run(self._thread, self._answer, ids, vectors)
        return _intent(scores, vectors.thresholds, routes)

    def decide(self, conversation: Conversation, routes: Sequence[Route]) -> Intent:
        """What :meth:`classify` answers, on the calling thread."""
        ids = self._ids(conversation)
        if not ids:
            return Intent(None, classifier=NAME)
        vectors = self._vectors(routes)
        return _intent(self._scores(ids, vectors), vectors.thresholds, routes)

    def scores(self, conversation: Conversation, routes: Sequence[Route]) -> tuple[float, ...]:
        """The score of every route, -1 to 1, in order; none if the conversation has no text."""
        ids = self._ids(conversation)
        return tuple(self._scores(ids, self._vectors(routes)).tolist()) if ids else ()

    def thresholds(self, routes: Sequence[Route]) -> tuple[float, ...]:
        """The score from which each route matches, in order."""
        return tuple(self._vectors(routes).thresholds.tolist())

    def similarities(self, routes: Sequence[Route]) -> Vector:
        """How alike the routes' descriptions are, -1 to 1: a square matrix in declared order."""
        return self._vectors(routes).similarities()

    async def close(self) -> None:
        """Forget the route vectors and let the thread end."""
        with self._lists_lock:
            self._lists.clear()
        self._route_vector.cache_clear()
        self._prompt_vector.cache_clear()
        self._thread.shutdown(wait=False)
        self._thread = _thread()

    def _ids(self, conversation: Conversation) -> list[int]:
        return self._joined(excerpts(conversation))

    def _joined(self, texts: Sequence[str]) -> list[int]:
        parts = [ids for ids in map(self._tokens.ids, texts) if ids]
        return fit(parts) if parts else []

    def _scores(self, ids: list[int], vectors: RouteVectors) -> Vector:
        guess = self._guess(ids, vectors)
        return self._answer(ids, vectors) if guess is None else guess

    def _guess(self, ids: list[int], vectors: RouteVectors) -> Vector | None:
        if self._caution is None:
            return None
        scores = vectors.scores(self._first_stage.prompt(ids))
        return scores if self._caution.clear(scores, vectors.thresholds) else None

    def _answer(self, ids: list[int], vectors: RouteVectors) -> Vector:
        return vectors.scores(self._encoder.prompt(ids))

    def _vectors(self, routes: Sequence[Route]) -> RouteVectors:
        key = _key(routes)
        vectors = self._remembered(key)
        if vectors is None:
            vectors = self._encoded(routes)
            self._remember(key, vectors)
        return vectors

    def _remembered(self, key: _Key) -> RouteVectors | None:
        with self._lists_lock:
            if key in self._lists:
                self._lists.move_to_end(key)
            return self._lists.get(key)

    def _remember(self, key: _Key, vectors: RouteVectors) -> None:
        # Inline lists come from clients: an outsized one must not occupy the cache.
        texts = sum(len(name) + len(text) + sum(map(len, given)) for name, text, given, _ in key)
        if len(key) > _CACHED_ROUTES or texts > _CACHED_CHARACTERS:
            return
        with self._lists_lock:
            self._lists[key] = vectors
            while len(self._lists) > _CACHED_LISTS:
                self._lists.popitem(last=False)

    def _encoded(self, routes: Sequence[Route]) -> RouteVectors:
        descriptions, examples = [], []
        for route in routes:
            ids = self._tokens.route(route.name, route.description)
            descriptions.append(self._route_vector(tuple(ids)))
            clipped = (clip(example, _EXAMPLE_CHARACTERS) for example in route.examples)
            given = (tuple(self._joined([text])) for text in clipped)
            examples.append([self._prompt_vector(ids) for ids in given if ids])
        return route_vectors(routes, descriptions, examples, self._threshold)


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="encoder")


def _key(routes: Sequence[Route]) -> _Key:
    return tuple((r.name, r.description, r.examples, r.threshold) for r in routes)


def _intent(scores: Vector, thresholds: Thresholds, routes: Sequence[Route]) -> Intent:
    best = winner(scores, thresholds)
    matched = bool(scores[best] >= thresholds[best])
    name, score = routes[best].name, float(scores[best])
    if len(routes) == 1:
        return Intent(name if matched else None, score, classifier=NAME)
    rest = scores.copy()
    rest[best] = -2.0
    second = int(np.argmax(rest))
    return Intent(
        name if matched else None,
        score,
        runner_up=routes[second].name,
        runner_up_score=float(scores[second]),
        classifier=NAME,
    )
