"""What ``dragoman.inline_preferences`` says: what preferences of clients' own may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field

from extproc.config.fields import Dollars, Entry, Name
from extproc.config.references import Directory, ambiguous
from extproc.core.inline_caps import MOST_INLINE_ROUTES, InlineCaps
from extproc.core.problems import Problem, place

__all__ = ["InlinePreferences", "inline_caps", "inline_problems"]

_DEFAULT: Final = InlineCaps()


class InlinePreferences(Entry):
    """Caps on the ``routing_preferences`` that requests bring along."""

    allowed: bool = _DEFAULT.allowed
    models: list[Name] | None = None
    max_routes: Annotated[int, Field(ge=1, le=MOST_INLINE_ROUTES)] = _DEFAULT.max_routes
    max_price: Dollars | None = None
    unpriced: Literal["allow", "refuse"] = "allow"


def inline_problems(entry: InlinePreferences, known: Directory) -> Iterator[Problem]:
    """Names of models that are not declared, or not clear."""
    for index, name in enumerate(entry.models or ()):
        found = _named(name, known)
        path = place("dragoman", "inline_preferences", "models", index)
        if len(found) > 1:
            yield ambiguous(path, name, found)
        elif not found:
            yield Problem(path, f"'{name}' is not declared in model_providers")


def inline_caps(entry: InlinePreferences | None, known: Directory) -> InlineCaps:
    """What such an entry means, by the names of the models."""
    if entry is None:
        return _DEFAULT
    models = None
    if entry.models is not None:
        models = tuple(dict.fromkeys(_named(name, known)[0] for name in entry.models))
    return InlineCaps(
        allowed=entry.allowed,
        models=models,
        max_routes=entry.max_routes,
        max_price=entry.max_price,
        refuses_unpriced=entry.unpriced == "refuse",
    )


def _named(name: str, known: Directory) -> tuple[str, ...]:
    """The models of this name, or the entry with a wildcard."""
    return (name,) if name in known.available else known.find(name)
