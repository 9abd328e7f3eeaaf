"""The intent classifier that works out of the box: a small encoder in process, nothing to set up.

A cheap first stage answers what is clear, the encoder what is not. The one reads 64 tokens at most,
the other the 28 of them that count most, so that no conversation, however long, costs more than one
short run of the encoder. Routes that a request brings along cost a run for each text, so there are
bounds to what one request may take; where they are met, the first stage answers alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.intent import ClassificationError, Intent
from extproc.intent.cascade import CAUTION, Caution
from extproc.intent.encoder import Encoder
from extproc.intent.encoder_queue import EncoderQueue, Lane, QueueFullError
from extproc.intent.from_scores import intent_from
from extproc.intent.known_lists import ConfiguredList, RecentLists
from extproc.intent.multilingual import LazyMultilingual
from extproc.intent.names import EMBEDDED, FIRST_STAGE
from extproc.intent.route_reader import Reading, RouteReader
from extproc.intent.route_texts import more_texts_than
from extproc.intent.route_vectors import RouteVectors
from extproc.intent.stages import Prompt, Stages
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.threshold import THRESHOLD
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import Vector

__all__ = ["Bounds", "EmbeddedClassifier"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a classification may take. Unbounded, the same question has the same answer always.

    ``timeout`` is how long the encoder's answer is waited for, in seconds; the first stage, which
    answers then, has as long. ``texts`` is how many descriptions and examples the encoder reads of
    routes that are not the configured ones. ``threads`` is how many requests it serves at once.
    """

    timeout: float | None = None
    texts: int | None = None
    threads: int = 1


class EmbeddedClassifier:
    """Finds the route whose name and description are most like the conversation.

    What none is like goes to the route that takes the rest, if one does. Neither network nor files
    once loaded. Prompts and routes may be in the languages that the model card names. ``stages`` is
    what reads them.
    """

    def __init__(
        self,
        threshold: float | None = None,
        *,
        configured: Sequence[Route] = (),
        bounds: Bounds = Bounds(),
        encoder: Encoder | None = None,
        first_stage: StaticVectors | None = None,
        caution: Caution | None = CAUTION,
        multilingual: LazyMultilingual | None = None,
    ) -> None:
        """Load what is not given (once per process: about 55 MB, of which all share 28, and 0.1 s).

        Args:
            threshold: the score, -1 to 1, from which a route matches that sets none; None for the
                packaged one.
            configured: routes to encode at once, in the background, and to serve before all others.
            bounds: what a classification may take.
            encoder: what has the last word; None loads the packaged one.
            first_stage: what has the first; None loads the packaged one.
            caution: when the first stage's word is enough; None asks the encoder always.
            multilingual: what reads prompts and routes that are not English; None loads the
                packaged one when there is some.
        """
        self.stages = Stages(
            Tokens(),
            first_stage or StaticVectors(),
            encoder or Encoder(),
            multilingual or LazyMultilingual(),
            caution,
        )
        self._bounds = bounds
        self._reader = RouteReader(self.stages, THRESHOLD if threshold is None else threshold)
        self._lists = RecentLists()
        self._queue = EncoderQueue(bounds.threads)
        self._configured = (
            ConfiguredList(configured, self._reader.encoding(configured)) if configured else None
        )

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> Intent:
        """See :class:`extproc.intent.IntentClassifier`.

        What takes the encoder is done on threads, which leaves the event loop free; what the first
        stage can tell of known routes is told at once. Other ways were slower:
        ``benchmarks/classification.py``. Where the encoder cannot be asked, the first stage
        answers, and ``fallback`` says why: ``timeout``, ``busy`` (too many requests wait for it) or
        ``too_many_texts``.

        Raises:
            ClassificationError: ``timeout`` or ``busy``; not even the first stage could read the
                routes.
        """
        prompt = self.stages.prompt(conversation, tools)
        if prompt.empty:
            return Intent(None, classifier=EMBEDDED)
        try:
            return await self._within_bounds(self._by_both_stages(prompt, routes))
        except ClassificationError as error:
            if prompt.said:
                raise
            reason = error.reason
        intent = await self._within_bounds(self._by_first_stage(prompt.ids, routes))
        return replace(intent, classifier=FIRST_STAGE, fallback=reason)

    def decide(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> Intent:
        """What :meth:`classify` answers without bounds, on the calling thread."""
        prompt = self.stages.prompt(conversation, tools)
        if prompt.empty:
            return Intent(None, classifier=EMBEDDED)
        vectors = self._vectors(routes)
        return _intent(self.stages.scores(prompt, vectors), vectors, routes)

    def scores(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> tuple[float, ...]:
        """The score of every route, -1 to 1, in order; none if the conversation has no text."""
        prompt = self.stages.prompt(conversation, tools)
        if prompt.empty:
            return ()
        return tuple(self.stages.scores(prompt, self._vectors(routes)).tolist())

    def thresholds(self, routes: Sequence[Route]) -> tuple[float, ...]:
        """The score from which each route matches, in order."""
        return tuple(self._vectors(routes).thresholds.tolist())

    def similarities(self, routes: Sequence[Route]) -> Vector:
        """How alike the routes' descriptions are, -1 to 1: a square matrix in declared order."""
        return self._vectors(routes).similarities()

    async def close(self) -> None:
        """Forget the vectors of all but the configured routes and let the threads end."""
        self._lists.clear()
        self._reader.forget()
        self._queue.close()
        if self._configured is not None:
            self._configured.close()

    async def _within_bounds(self, answer: Awaitable[Intent]) -> Intent:
        try:
            async with asyncio.timeout(self._bounds.timeout):
                return await answer
        except TimeoutError:
            message = f"no answer within {self._bounds.timeout:g} s"
            raise ClassificationError("timeout", message) from None
        except QueueFullError as error:
            raise ClassificationError("busy", str(error)) from None

    async def _by_both_stages(self, prompt: Prompt, routes: Sequence[Route]) -> Intent:
        """The answer of both stages, or of the multilingual encoder."""
        if prompt.said:
            await self._multilingual_loaded()
        lane, vectors = Lane.INLINE, None
        if self._configured is not None and self._configured.holds(routes):
            lane, vectors = Lane.CONFIGURED, await self._configured.known()
        vectors = vectors or self._lists.find(routes)
        if vectors is None:
            self._refuse_too_many(lane, routes)
            reading = self._reader.encoding(routes)
            if reading.foreign:
                await self._multilingual_loaded()
            return await self._queue.run(
                lane, reading.steps, partial(self._remembered_answer, prompt, routes, reading)
            )
        scores = self.stages.clear(prompt, vectors)
        if scores is None:
            scores = await self._queue.run(lane, (), partial(self.stages.encoded, prompt, vectors))
        return _intent(scores, vectors, routes)

    async def _multilingual_loaded(self) -> None:
        # Whoever stops waiting must not stop the loading for the others.
        await asyncio.shield(asyncio.wrap_future(self.stages.multilingual.wanted()))

    async def _by_first_stage(self, ids: Sequence[int], routes: Sequence[Route]) -> Intent:
        """The first stage's answer, clear or not; routes that are not known it reads itself."""
        vectors = self._known(routes)
        if vectors is None:
            reading = self._reader.guessing(routes)
            vectors = await self._queue.run(Lane.FIRST_STAGE, reading.steps, reading.vectors)
        return _intent(self.stages.guessed(ids, vectors), vectors, routes)

    def _remembered_answer(
        self, prompt: Prompt, routes: Sequence[Route], reading: Reading
    ) -> Intent:
        vectors = reading.vectors()
        self._lists.remember(routes, vectors)
        return _intent(self.stages.scores(prompt, vectors), vectors, routes)

    def _refuse_too_many(self, lane: Lane, routes: Sequence[Route]) -> None:
        limit = self._bounds.texts
        if lane is Lane.INLINE and limit is not None and more_texts_than(limit, routes):
            message = f"the routes have more than {limit} descriptions and examples"
            raise ClassificationError("too_many_texts", message)

    def _known(self, routes: Sequence[Route]) -> RouteVectors | None:
        if self._configured is not None and self._configured.holds(routes):
            return self._configured.known_already()
        return self._lists.find(routes)

    def _vectors(self, routes: Sequence[Route]) -> RouteVectors:
        vectors = self._known(routes)
        if vectors is None:
            vectors = self._reader.encoding(routes).at_once()
            self._lists.remember(routes, vectors)
        return vectors


def _intent(scores: Vector, vectors: RouteVectors, routes: Sequence[Route]) -> Intent:
    return intent_from(scores, vectors.thresholds, routes, EMBEDDED)
