"""Preferences sent along with a request: ``routing_preferences``, the older ``routing_policy``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

from extproc.core.inline_caps import MOST_INLINE_ROUTES
from extproc.core.routes import CostBasis, Preference, Route
from extproc.errors import ClientError

__all__ = ["INLINE_MEMBERS", "inline_routes"]

_E = TypeVar("_E", bound=StrEnum)

PREFERENCES = "routing_preferences"
POLICY = "routing_policy"
INLINE_MEMBERS = (PREFERENCES, POLICY)
"""What is stripped from every body before it is forwarded."""

_LONGEST_NAME = 256
"""Names travel in headers."""

_MOST_EXAMPLES = 64
_LONGEST_EXAMPLE = 1000
"""So do examples, of which a request may bring this many in all."""


def _invalid(where: str, what: str) -> ClientError:
    return ClientError(400, f"{where}: {what}.", code="invalid_routing_preferences", param=where)


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(where, "must be an object")
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _invalid(where, "must be an array")
    return value


def _word(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _invalid(f"{where}.{key}", "must be a non-empty string")
    return value


def _name(entry: Mapping[str, Any], where: str) -> str:
    name = _word(entry, "name", where)
    if len(name) > _LONGEST_NAME:
        raise _invalid(f"{where}.name", f"must not be longer than {_LONGEST_NAME} characters")
    return name


def _policy(entry: Mapping[str, Any], where: str) -> tuple[Preference, CostBasis]:
    policy = entry.get("selection_policy")
    if policy is None:
        return Preference.NONE, CostBasis.TOTAL
    where = f"{where}.selection_policy"
    words = _object(policy, where)
    prefer = _choice(words, "prefer", Preference.NONE, where)
    return prefer, _choice(words, "cost_basis", CostBasis.TOTAL, where)


def _choice(words: Mapping[str, Any], key: str, default: _E, where: str) -> _E:
    """What ``key`` says; nothing and the empty string are the default."""
    choices = type(default)
    word = words.get(key)
    if word is None or word == "":
        return default
    if word not in tuple(choices):
        raise _invalid(f"{where}.{key}", f"must be one of {', '.join(choices)}")
    return choices(word)


def _threshold(entry: Mapping[str, Any], where: str) -> float | None:
    value = entry.get("threshold")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
        raise _invalid(f"{where}.threshold", "must be a number from -1 to 1")
    return float(value)


def _fallback(entry: Mapping[str, Any], where: str) -> bool:
    value = entry.get("fallback")
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _invalid(f"{where}.fallback", "must be true or false")


def _examples(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    where = f"{where}.examples"
    examples = _list(entry["examples"], where) if entry.get("examples") is not None else []
    for index, example in enumerate(examples):
        if not isinstance(example, str) or not example.strip():
            raise _invalid(f"{where}[{index}]", "must be a non-empty string")
        if len(example) > _LONGEST_EXAMPLE:
            longest = f"must not be longer than {_LONGEST_EXAMPLE} characters"
            raise _invalid(f"{where}[{index}]", longest)
    return tuple(examples)


def _models(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    models = _list(entry.get("models"), f"{where}.models")
    if not models:
        raise _invalid(f"{where}.models", "must name at least one model")
    for index, model in enumerate(models):
        if not isinstance(model, str) or not model:
            raise _invalid(f"{where}.models[{index}]", "must be a non-empty string")
    return tuple(models)


def _from_preferences(value: object) -> Iterator[Route]:
    seen: set[str] = set()
    for index, item in enumerate(_list(value, PREFERENCES)):
        where = f"{PREFERENCES}[{index}]"
        entry = _object(item, where)
        name = _name(entry, where)
        if name in seen:
            raise _invalid(f"{where}.name", f'"{name}" is already taken by another preference')
        seen.add(name)
        prefer, cost_basis = _policy(entry, where)
        yield Route(
            name,
            _word(entry, "description", where),
            _models(entry, where),
            prefer,
            cost_basis,
            _examples(entry, where),
            _threshold(entry, where),
            fallback=_fallback(entry, where),
        )


def _from_policy(value: object) -> Iterator[Route]:
    """Grouped by model, as Plano 0.4.12 had it: the models of one name become its candidates."""
    descriptions: dict[str, str] = {}
    models: dict[str, list[str]] = {}
    for index, item in enumerate(_list(value, POLICY)):
        where = f"{POLICY}[{index}]"
        entry = _object(item, where)
        model = _word(entry, "model", where)
        where = f"{where}.{PREFERENCES}"
        for position, preference in enumerate(_list(entry.get(PREFERENCES), where)):
            place = f"{where}[{position}]"
            name = _name(_object(preference, place), place)
            descriptions.setdefault(name, _word(preference, "description", place))
            models.setdefault(name, []).append(model)
    for name, description in descriptions.items():
        yield Route(name, description, tuple(models[name]))


def inline_routes(document: Mapping[str, Any]) -> tuple[Route, ...] | None:
    """The routes that a client sent, with models named as it named them.

    Returns:
        None when it sent none: the configured routes apply. An empty tuple turns routing off.

    Raises:
        ClientError: they are not valid (400); the message says what is wrong and where.
    """
    if document.get(PREFERENCES) is not None:
        return _bounded(_from_preferences(document[PREFERENCES]), PREFERENCES)
    if document.get(POLICY) is not None:
        return _bounded(_from_policy(document[POLICY]), POLICY)
    return None


def _bounded(routes: Iterator[Route], where: str) -> tuple[Route, ...]:
    taken = tuple(islice(routes, MOST_INLINE_ROUTES + 1))
    if len(taken) > MOST_INLINE_ROUTES:
        raise _invalid(where, f"must not hold more than {MOST_INLINE_ROUTES} routes")
    if sum(route.fallback for route in taken) > 1:
        raise _invalid(where, "must not hold more than one fallback")
    if sum(len(route.examples) for route in taken) > _MOST_EXAMPLES:
        raise _invalid(where, f"must not hold more than {_MOST_EXAMPLES} examples in all")
    return taken
