"""The texts of a list of routes, as token ids, one at a time: each is a run of the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from extproc.core.routes import Route
from extproc.intent.excerpts import clip
from extproc.intent.languages import describes_in_english, is_english
from extproc.intent.tokens import Tokens, fit, route_text
from extproc.intent.vectors import Vector

__all__ = [
    "ListKey",
    "RouteText",
    "count_texts",
    "list_key",
    "more_texts_than",
    "parted",
    "route_texts",
]

_EXAMPLE_CHARACTERS = 480

ListKey: TypeAlias = tuple[tuple[str, str, tuple[str, ...], float | None, bool], ...]
"""All of a list of routes that its vectors depend on."""


@dataclass(frozen=True, slots=True)
class RouteText:
    """A route's name and description, or with ``route`` None an example of the route before it."""

    route: Route | None
    example: str = ""

    def ids(self, tokens: Tokens) -> tuple[int, ...]:
        """What the encoder reads of it; nothing if an example has no words."""
        if self.route is not None:
            return tuple(tokens.route(self.route.name, self.route.description))
        ids = tokens.ids(clip(self.example, _EXAMPLE_CHARACTERS))
        return tuple(fit([ids])) if ids else ()

    def foreign(self) -> str | None:
        """What the multilingual encoder reads of it; None where it is English."""
        if self.route is None:
            text = None if is_english(self.example) else self.example
        elif describes_in_english(self.route.description):
            text = None
        else:
            text = route_text(self.route.name, self.route.description)
        return None if text is None else clip(text, _EXAMPLE_CHARACTERS)


def list_key(routes: Sequence[Route]) -> ListKey:
    """What tells lists of routes apart."""
    return tuple((r.name, r.description, r.examples, r.threshold, r.fallback) for r in routes)


def route_texts(routes: Iterable[Route]) -> Iterator[RouteText]:
    """Every route's description, each followed by the route's examples."""
    for route in routes:
        yield RouteText(route)
        for example in route.examples:
            yield RouteText(None, example)


def count_texts(routes: Iterable[Route]) -> int:
    """How many texts routes have."""
    return sum(1 + len(route.examples) for route in routes)


def more_texts_than(limit: int, routes: Sequence[Route]) -> bool:
    """Whether routes have more texts than ``limit``; what is beyond is not looked at."""
    return next(islice(route_texts(routes), limit, None), None) is not None


def parted(
    routes: Sequence[Route], vectors: Sequence[Vector | None]
) -> tuple[list[Vector], list[list[Vector]]]:
    """Sort the vectors of :func:`route_texts` into those of descriptions and of examples.

    Args:
        routes: the routes.
        vectors: one for each text, in order; None for an example without words.
    """
    descriptions: list[Vector] = []
    examples: list[list[Vector]] = []
    for text, vector in zip(route_texts(routes), vectors, strict=True):
        if vector is None:
            continue
        if text.route is not None:
            descriptions.append(vector)
            examples.append([])
        else:
            examples[-1].append(vector)
    return descriptions, examples
