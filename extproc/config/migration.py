"""From the older form of ``routing_preferences``, under each provider, to the one list of v0.4.0.

It works on a file's plain values, before they are read as sections, so that the rest of the house
knows one form only. What is wrong is told by its place in the file as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from pydantic import ValidationError

from extproc.config.explanations import explained
from extproc.config.sections.provider_entries import InlineRoute
from extproc.config.sections.version import VERSION_WITH_ROUTING, VERSIONS
from extproc.core.problems import Problem, place

__all__ = ["Migrated", "migrate"]

_KEY: Final = "routing_preferences"
_OLDER: Final = frozenset(VERSIONS) - {VERSION_WITH_ROUTING}

_DEPRECATED: Final = (
    f"{_KEY} under a provider is deprecated; this is what it was taken for, to be written instead:"
)
_WILDCARD: Final = (
    "Model {model} has routing_preferences but uses wildcard (*). "
    "Models with routing preferences cannot be wildcards."
)


@dataclass(slots=True)
class Migrated:
    """A file's values in the form of v0.4.0, what is wrong in the older form, what to warn of."""

    tree: Any
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Lifted:
    description: str
    models: dict[str, None]


def migrate(tree: Any) -> Migrated:
    """Lift every provider's ``routing_preferences``; what is in the new form already stays."""
    if not isinstance(tree, dict):
        return Migrated(tree)
    key = _providers_key(tree)
    declared = tree.get(key)
    entries = declared if isinstance(declared, list) else []
    inline = dict(_inline(entries))
    if not inline:
        return Migrated(tree)
    migrated = Migrated(tree | {key: [_without(entry) for entry in entries]})
    if not _is_older(tree):
        migrated.problems += [_misplaced(key, index) for index in inline]
        return migrated
    lifting = _Lifting(migrated)
    for index, raw in inline.items():
        lifting.lift(entries[index], raw, key, index)
    # Beside a list of the newer form the version stays: the file is told to update it.
    if not tree.get(_KEY):
        new = {"version": VERSION_WITH_ROUTING, _KEY: lifting.preferences()}
        migrated.tree |= new
        migrated.warnings.insert(0, Problem(key, f"{_DEPRECATED}\n{_written(new)}"))
    return migrated


class _Lifting:
    def __init__(self, migrated: Migrated) -> None:
        self._migrated = migrated
        self._lifted: dict[str, _Lifted] = {}

    def preferences(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "description": lifted.description, "models": list(lifted.models)}
            for name, lifted in self._lifted.items()
        ]

    def lift(self, entry: dict[Any, Any], raw: Any, *path: str | int) -> None:
        path = (*path, _KEY)
        model = entry.get("model")
        if isinstance(model, str) and (model == "*" or model.endswith("/*")):
            self._migrated.problems.append(Problem(place(*path), _WILDCARD.format(model=model)))
        if not isinstance(raw, list):
            self._migrated.problems.append(Problem(place(*path), "must be a list"))
            return
        name = entry.get("name") or model
        for position, item in enumerate(raw):
            route = self._read(item, (*path, position))
            if route is not None and isinstance(name, str):
                self._add(route, name, (*path, position))

    def _read(self, item: Any, path: tuple[str | int, ...]) -> InlineRoute | None:
        try:
            return InlineRoute.model_validate(item)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            self._migrated.problems.extend(
                explained(detail, InlineRoute, path) for detail in details
            )
            return None

    def _add(self, route: InlineRoute, model: str, path: tuple[str | int, ...]) -> None:
        lifted = self._lifted.setdefault(route.name, _Lifted(route.description, {}))
        lifted.models[model] = None
        if lifted.description != route.description:
            message = f"ignored: '{route.name}' is described before; the first description counts"
            self._migrated.warnings.append(Problem(place(*path, "description"), message))


def _providers_key(tree: dict[Any, Any]) -> str:
    return "model_providers" if tree.get("model_providers") is not None else "llm_providers"


def _inline(entries: list[Any]) -> Iterator[tuple[int, Any]]:
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get(_KEY) is not None:
            yield index, entry[_KEY]


def _without(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {key: value for key, value in entry.items() if key != _KEY}


def _is_older(tree: dict[Any, Any]) -> bool:
    """Files of the very first form name no version."""
    version = tree.get("version")
    return version in _OLDER if isinstance(version, str) else version is None and not tree.get(_KEY)


def _misplaced(*path: str | int) -> Problem:
    message = (
        f"belongs under the root key {_KEY} in {VERSION_WITH_ROUTING}: an item there has a name, "
        "a description and a list of models"
    )
    return Problem(place(*path, _KEY), message)


def _written(new: dict[str, Any]) -> str:
    return yaml.safe_dump(new, sort_keys=False, allow_unicode=True, width=100).rstrip()
