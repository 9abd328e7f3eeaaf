"""From a list of routes to its vectors, in steps that take a few milliseconds each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from math import ceil
from typing import Final

from extproc.core.routes import Route
from extproc.intent.route_texts import RouteText, count_texts, parted, route_texts
from extproc.intent.route_vectors import RouteVectors, route_vectors
from extproc.intent.stages import Stages
from extproc.intent.vectors import Vector

__all__ = ["Reading", "RouteReader"]

_CACHED_TEXTS: Final = 1024

_GUESSED_TOGETHER: Final = 32
"""The first stage reads so many texts in the time in which the encoder reads one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A list of routes that is being read: ``vectors`` are to be had when all steps are done, one
    after the other, on whatever threads. ``foreign`` is whether they need the multilingual encoder,
    and wait for it if it is not loaded."""

    steps: Sequence[Callable[[], None]]
    vectors: Callable[[], RouteVectors]
    foreign: bool = False

    def at_once(self) -> RouteVectors:
        """Do all steps."""
        for step in self.steps:
            step()
        return self.vectors()


class RouteReader:
    """Reads routes by the encoder, or by the first stage in its place. Threads may share it."""

    def __init__(self, stages: Stages, threshold: float) -> None:
        """
        Args:
            stages: what reads. A text takes the encoder 1 to 4 ms, the first stage 0.1, and the
                multilingual encoder, which is loaded when there is some that is not English, 5 to
                18.
            threshold: the score from which a route matches that sets none.
        """
        self._stages = stages
        self._threshold = threshold
        # Keyed by what is read of a text, which is bounded.
        self._route_vector = lru_cache(maxsize=_CACHED_TEXTS)(stages.encoder.route)
        self._prompt_vector = lru_cache(maxsize=_CACHED_TEXTS)(stages.encoder.prompt)
        self._foreign_vector = lru_cache(maxsize=_CACHED_TEXTS)(self._read_foreign)

    def encoding(self, routes: Sequence[Route]) -> Reading:
        """By the encoder, a text a step; texts read lately are remembered."""
        texts = [(text, text.foreign()) for text in route_texts(routes)]
        read: list[Vector | None] = []

        def encode(text: RouteText, foreign: str | None) -> None:
            read.append(self._encoded(text, foreign))

        return Reading(
            [partial(encode, *each) for each in texts],
            lambda: route_vectors(routes, *parted(routes, read), self._threshold),
            foreign=any(foreign is not None for _, foreign in texts),
        )

    def guessing(self, routes: Sequence[Route]) -> Reading:
        """By the first stage, as if routes were conversations: on the handwritten cases 71 of 78
        are decided right so, where 75 are by the encoder."""
        read: list[Vector | None] = []
        texts = route_texts(routes)

        def guess() -> None:
            read.extend(map(self._guessed, islice(texts, _GUESSED_TOGETHER)))

        return Reading(
            [guess] * ceil(count_texts(routes) / _GUESSED_TOGETHER),
            lambda: route_vectors(
                routes, *parted(routes, read), self._threshold, by_examples=False
            ),
        )

    def forget(self) -> None:
        """Remember no text."""
        self._route_vector.cache_clear()
        self._prompt_vector.cache_clear()
        self._foreign_vector.cache_clear()

    def _read_foreign(self, text: str, is_route: bool) -> Vector:
        encoder = self._stages.multilingual.wanted().result()
        return encoder.route(text) if is_route else encoder.prompt([text])

    def _encoded(self, text: RouteText, foreign: str | None) -> Vector | None:
        if foreign is not None:
            return self._foreign_vector(foreign, text.route is not None)
        ids = text.ids(self._stages.tokens)
        if not ids:
            return None
        return self._prompt_vector(ids) if text.route is None else self._route_vector(ids)

    def _guessed(self, text: RouteText) -> Vector | None:
        ids = text.ids(self._stages.tokens)
        return self._stages.first_stage.prompt(ids) if ids else None
