"""Reading one section at a time: what is wrong with it, and what in it is not acted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from extproc.config.environment import expanded
from extproc.config.explanations import explained
from extproc.config.fields import (
    Extension,
    LegacyListenerEntry,
    ListenerEntry,
    Overrides,
    ProviderEntry,
    Section,
)
from extproc.config.sections.sources import SOURCES
from extproc.config.unused import unused_keys
from extproc.core.problems import Problem, place

__all__ = ["SectionReader", "given"]

_S = TypeVar("_S", bound=Section)

# Secrets are read apart, so that no value holds one; names are what the rest of the file refers to.
_NOT_EXPANDED: Final = frozenset(
    {"access_key", "auth", "model", "model_aliases", "name", "router_access_key"}
)
# What they refer to has to be set, but may be secret.
_EXPANDED_LATER: Final = frozenset({"headers"})
_EXPANDED_SECTIONS: Final[frozenset[type[Section]]] = frozenset(
    {LegacyListenerEntry, ListenerEntry, ProviderEntry, Overrides, Extension, *SOURCES}
)


class SectionReader:
    """Reads sections, and collects problems and warnings on the way."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._environ = environ

    def items(
        self, section: type[_S], raw: Any, key: str, skipped: set[int] | None = None
    ) -> dict[int, _S]:
        """The valid items of the list at ``key``, each with its position."""
        if raw is None:
            return {}
        if not isinstance(raw, list):
            self.problems.append(Problem(key, "must be a list"))
            return {}
        read = {
            index: self.read(section, item, key, index)
            for index, item in enumerate(raw)
            if index not in (skipped or ())
        }
        return {index: entry for index, entry in read.items() if entry is not None}

    def read(self, section: type[_S], raw: Any, *path: str | int) -> _S | None:
        """The section at ``path``, None where it is not valid."""
        if not isinstance(raw, dict):
            self.problems.append(Problem(place(*path), "must be a mapping"))
            return None
        unused = unused_keys(section)
        self.warnings.extend(
            Problem(place(*path, key), unused[key]) for key in raw if key in unused
        )
        values = {key: value for key, value in given(raw).items() if key not in unused}
        unset = self._expand(values, *path) if section in _EXPANDED_SECTIONS else []
        self.problems.extend(unset)
        try:
            entry = section.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            self.problems.extend(explained(detail, section, path) for detail in details)
            return None
        return None if unset else entry

    def _expand(self, values: dict[Any, Any], *path: str | int) -> list[Problem]:
        found: list[Problem] = []
        for key in values.keys() - _NOT_EXPANDED:
            missing: set[str] = set()
            value = expanded(values[key], self._environ, missing)
            if key not in _EXPANDED_LATER:
                values[key] = value
            found.extend(
                Problem(place(*path, str(key)), f"environment variable {name} is not set")
                for name in sorted(missing)
            )
        return sorted(found, key=lambda problem: problem.path)

    def mapping(self, root: dict[Any, Any], key: str) -> dict[Any, Any]:
        """The mapping at ``key``, empty where there is none."""
        raw = root.get(key, {})
        if isinstance(raw, dict):
            return raw
        self.problems.append(Problem(key, "must be a mapping"))
        return {}


def given(mapping: dict[Any, Any]) -> dict[Any, Any]:
    """A key without a value is the same as no key."""
    return {key: value for key, value in mapping.items() if value is not None}
