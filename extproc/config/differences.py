"""What is different between two configurations, in words for whoever changed one into the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar

from extproc.config.loading import Loaded
from extproc.core.config import Config, Secrets
from extproc.core.models import Model
from extproc.core.problems import masked_text
from extproc.core.routes import Route

__all__ = ["differences"]

_T = TypeVar("_T")

_TOLD_APART: Final = frozenset({"models", "routes", "aliases"})
_LONGEST: Final = 60


def differences(before: Loaded, after: Loaded) -> Iterator[str]:
    """Tell each difference in a line; none where both mean the same.

    No line holds a secret: of one that has changed, its variable is named.

    Args:
        before: the configuration that was in use.
        after: the one that takes its place.
    """
    for line in (*_configs(before.config, after.config), *_secrets(before.secrets, after.secrets)):
        yield masked_text(line, (*before.secrets.values.values(), *after.secrets.values.values()))


def _configs(before: Config, after: Config) -> Iterator[str]:
    yield from _models(before.models, after.models)
    yield from _routes(before.routes, after.routes)
    yield from _aliases(before.aliases, after.aliases)
    for field in fields(Config):
        if field.name not in _TOLD_APART:
            name = field.name
            yield from _values(name, getattr(before, name), getattr(after, name))


def _models(before: tuple[Model, ...], after: tuple[Model, ...]) -> Iterator[str]:
    old, new = ({model.name: model for model in models} for models in (before, after))
    yield from _named("model", old, new)
    for name in _in_both(old, new):
        yield from _values(f"model {name}", old[name], new[name])
    more = len(new) - len(old)
    if more:
        clusters = "cluster" if abs(more) == 1 else "clusters"
        yield f"{abs(more)} {clusters} {'more' if more > 0 else 'fewer'}"
    elif old.keys() == new.keys() and list(old) != list(new):
        yield "the models are in another order"


def _routes(before: tuple[Route, ...], after: tuple[Route, ...]) -> Iterator[str]:
    old, new = ({route.name: route for route in routes} for routes in (before, after))
    yield from _named("route", old, new)
    for name in _in_both(old, new):
        what = f"route {name}"
        yield from _candidates(what, old[name].models, new[name].models)
        for field in fields(Route):
            if field.name not in ("models", "name"):
                values = (getattr(route, field.name) for route in (old[name], new[name]))
                yield from _values(f"{what}: {field.name}", *values)
    if old.keys() == new.keys() and list(old) != list(new):
        yield "the routes are in another order"


def _candidates(what: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    for model in after:
        if model not in before:
            yield f"{what}: {model} joins"
    for model in before:
        if model not in after:
            yield f"{what}: {model} leaves"
    stayed = [model for model in before if model in after]
    now = [model for model in after if model in before]
    moved = next(((one, other) for one, other in zip(now, stayed, strict=True) if one != other), ())
    if moved:
        yield f"{what}: {' before '.join(moved)}"


def _aliases(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    yield from _named("alias", before, after)
    for name in _in_both(before, after):
        yield from _values(f"alias {name}", before[name], after[name])


def _named(what: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    old, new = [*before], [*after]
    yield from (f"{what} {name} added" for name in new if name not in old)
    yield from (f"{what} {name} removed" for name in old if name not in new)


def _in_both(before: Iterable[str], after: Iterable[str]) -> list[str]:
    new = {*after}
    return [name for name in before if name in new]


def _values(what: str, before: Any, after: Any) -> Iterator[str]:
    """The differences between two values, field by field where both are of the same kind."""
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            values = (getattr(value, field.name) for value in (before, after))
            yield from _values(f"{what}: {field.name}", *values)
        return
    shown = [_shown(value) for value in (before, after)]
    if all(text is not None for text in shown):
        yield f"{what}: {shown[1]}, was {shown[0]}"
    else:
        yield f"{what} changed"


def _shown(value: Any) -> str | None:
    """A value that fits into a line; None for any other."""
    if value is None:
        return "none"
    if isinstance(value, str | int | float) and len(text := str(value)) <= _LONGEST:
        return text
    return None


def _secrets(before: Secrets, after: Secrets) -> Iterator[str]:
    for variable in _in_both(before.values, after.values):
        if before.values[variable] != after.values[variable]:
            yield f"{variable} has another value"
