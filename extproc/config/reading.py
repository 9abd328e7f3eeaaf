"""Reading entries of a file: what is wrong with them, and what in them is not acted on.

An entry that is not valid is left out and its problems are kept, so that the others can still be
checked against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from extproc.config.environment import expanded
from extproc.config.explanations import explained
from extproc.config.fields import Entry
from extproc.config.variables import Expansion, Steps, expand
from extproc.core.problems import Problem, place

__all__ = ["Reader", "Sections", "given"]

_E = TypeVar("_E", bound=Entry)
_T = TypeVar("_T")


class _Alias(Protocol):
    @property
    def target(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sections:
    """What was read of every section, by its type: ``sections[Routes]``.

    ``declared`` holds the name and model of every provider entry that tells them, also of those
    that are not valid otherwise, and ``aliases`` those that can be read. ``complete`` is false
    where a provider entry or an alias cannot be read: then nobody can say that a name is not
    declared.
    """

    read: Mapping[type, Any]
    declared: tuple[tuple[str, str], ...]
    aliases: Mapping[str, _Alias]
    complete: bool

    def __getitem__(self, kind: type[_T]) -> _T:
        section: _T = self.read[kind]
        return section


class Reader:
    """Reads entries, and collects problems and warnings on the way.

    ``lacking`` are the variables that are not set of values that may be secrets.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.lacking: list[Problem] = []
        self.warnings: list[Problem] = []
        self._environ = environ

    def items(
        self, kind: type[_E], raw: Any, key: str, skipped: Set[int] = frozenset()
    ) -> dict[int, _E]:
        """The valid items of the list at ``key``, each with its position."""
        if raw is None:
            return {}
        if not isinstance(raw, list):
            self.problems.append(Problem(key, "must be a list"))
            return {}
        read = {
            index: self.entry(kind, item, key, index)
            for index, item in enumerate(raw)
            if index not in skipped
        }
        return {index: entry for index, entry in read.items() if entry is not None}

    def entry(self, kind: type[_E], raw: Any, *path: str | int) -> _E | None:
        """The entry at ``path``, None where it is not valid."""
        if not isinstance(raw, dict):
            self.problems.append(Problem(place(*path), "must be a mapping"))
            return None
        self.warnings.extend(
            Problem(place(*path, key), kind.unused[key]) for key in raw if key in kind.unused
        )
        values = {key: value for key, value in given(raw).items() if key not in kind.unused}
        expansion = expand(values, kind, self._environ, path)
        self.problems.extend(expansion.problems)
        self.lacking.extend(expansion.lacking)
        try:
            entry = _validated(kind, expansion)
        except ValidationError as error:
            details = [each for each in _details(error) if not _concerns(each, expansion.unset)]
            self.problems.extend(explained(detail, kind, path) for detail in details)
            return None
        return None if expansion.problems else entry

    def settled(self, value: Any) -> Any:
        """A value that has to be known before its entry is read: its ``${NAME}`` replaced, and None
        where one of them is not set."""
        missing: set[str] = set()
        found = expanded(value, self._environ, missing, bare=False)
        return None if missing else found

    def mapping(self, root: Mapping[Any, Any], key: str) -> dict[Any, Any]:
        """The mapping at ``key``, empty where there is none."""
        raw = root.get(key, {})
        if isinstance(raw, dict):
            return raw
        self.problems.append(Problem(key, "must be a mapping"))
        return {}


def _validated(kind: type[_E], expansion: Expansion) -> _E:
    """The entry; what a variable holds is read as a number, or as true or false, if it must be."""
    try:
        return kind.model_validate(expansion.values)
    except ValidationError as error:
        typed = expansion.values
        for detail in _details(error):
            if detail["loc"] in expansion.whole:
                typed = _with_scalar_at(detail["loc"], typed)
        if typed is expansion.values:
            raise
        return kind.model_validate(typed)


def _with_scalar_at(steps: Steps, values: Any) -> Any:
    if not steps:
        try:
            scalar = yaml.safe_load(values)
        except yaml.YAMLError:
            return values
        return scalar if isinstance(scalar, int | float) else values
    step, *inner = steps
    pairs: Iterator[tuple[Any, Any]] = iter(
        values.items() if isinstance(values, dict) else enumerate(values)
    )
    changed = {
        key: _with_scalar_at(tuple(inner), value) if key == step else value for key, value in pairs
    }
    return changed if isinstance(values, dict) else list(changed.values())


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _concerns(detail: ErrorDetails, unset: Set[Steps]) -> bool:
    """Whether it is about a value that cannot be told, which has been said."""
    return any(detail["loc"][: len(steps)] == steps for steps in unset)


def given(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    """A key without a value is the same as no key."""
    return {key: value for key, value in mapping.items() if value is not None}
