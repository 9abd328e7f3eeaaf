"""From a list of routes to its vectors, in steps that take a few milliseconds each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from math import ceil
from typing import Final

from extproc.core.routes import Route
from extproc.intent.encoder import Encoder
from extproc.intent.multilingual import LazyMultilingual
from extproc.intent.route_texts import RouteText, count_texts, parted, route_texts
from extproc.intent.route_vectors import RouteVectors, route_vectors
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import Vector

__all__ = ["Reading", "RouteReader"]

_CACHED_TEXTS: Final = 1024

_GUESSED_TOGETHER: Final = 32
"""The first stage reads so many texts in the time in which the encoder reads one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A list of routes that is being read: ``vectors`` are to be had when all steps are done, one
    after the other, on whatever threads."""

    steps: Sequence[Callable[[], None]]
    vectors: Callable[[], RouteVectors]

    def at_once(self) -> RouteVectors:
        """Do all steps."""
        for step in self.steps:
            step()
        return self.vectors()


class RouteReader:
    """Reads routes by the encoder, or by the first stage in its place. Threads may share it."""

    def __init__(
        self,
        tokens: Tokens,
        encoder: Encoder,
        first_stage: StaticVectors,
        threshold: float,
        multilingual: LazyMultilingual,
    ) -> None:
        """
        Args:
            tokens: the tokenizer of both.
            encoder: reads a text in 1 to 4 ms.
            first_stage: reads one in 0.1 ms.
            threshold: the score from which a route matches that sets none.
            multilingual: reads what is not English, in 5 to 18 ms; loaded when there is some.
        """
        self._tokens = tokens
        self._first_stage = first_stage
        self._threshold = threshold
        # Keyed by ids, not texts: those are bounded.
        self._route_vector = lru_cache(maxsize=_CACHED_TEXTS)(encoder.route)
        self._prompt_vector = lru_cache(maxsize=_CACHED_TEXTS)(encoder.prompt)
        self._multilingual = multilingual
        self._foreign_vector = lru_cache(maxsize=_CACHED_TEXTS)(self._read_foreign)

    def encoding(self, routes: Sequence[Route]) -> Reading:
        """By the encoder, a text a step; texts read lately are remembered."""
        read: list[Vector | None] = []

        def encode(text: RouteText) -> None:
            read.append(self._encoded(text))

        return Reading(
            [partial(encode, text) for text in route_texts(routes)],
            lambda: route_vectors(routes, *parted(routes, read), self._threshold),
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

    def foreign(self, routes: Sequence[Route]) -> bool:
        """Whether the multilingual encoder is needed for a list of routes."""
        return any(text.foreign() is not None for text in route_texts(routes))

    def _read_foreign(self, text: str, is_route: bool) -> Vector:
        encoder = self._multilingual.wanted().result()
        return encoder.route(text) if is_route else encoder.prompt([text])

    def _encoded(self, text: RouteText) -> Vector | None:
        foreign = text.foreign()
        if foreign is not None:
            return self._foreign_vector(foreign, text.route is not None)
        ids = text.ids(self._tokens)
        if not ids:
            return None
        return self._prompt_vector(ids) if text.route is None else self._route_vector(ids)

    def _guessed(self, text: RouteText) -> Vector | None:
        ids = text.ids(self._tokens)
        return self._first_stage.prompt(ids) if ids else None
