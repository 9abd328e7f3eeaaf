"""From a file's plain values to its sections, each valid on its own.

A section that is not valid is left out and its problems are kept, so that the others can still be
checked against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from extproc.config.environment import expanded
from extproc.config.explanations import explained, unknown_key
from extproc.config.problems import Problem, place
from extproc.config.schema import (
    VERSIONS,
    AliasEntry,
    Extension,
    ListenerEntry,
    Overrides,
    ProviderEntry,
    RouteEntry,
    Section,
)
from extproc.config.unused import UNUSED_ROOT_KEYS, unused_keys

__all__ = ["Sections", "read_sections"]

_S = TypeVar("_S", bound=Section)

_PROVIDERS: Final = "model_providers"
_OLD_PROVIDERS: Final = "llm_providers"
_ROOT_KEYS: Final = (
    "version",
    "listeners",
    _PROVIDERS,
    "model_aliases",
    "routing_preferences",
    "overrides",
    "dragoman",
)
_OTHER_LISTENERS: Final = ("agent", "prompt")

# Keys are read apart, so that no value holds one; names are what the rest of the file refers to.
_NOT_EXPANDED: Final = frozenset({"access_key", "model", "name"})
# What they refer to has to be set, but may be secret.
_EXPANDED_LATER: Final = frozenset({"headers"})
_EXPANDED_SECTIONS: Final = (ListenerEntry, ProviderEntry, Overrides)


@dataclass(frozen=True, slots=True)
class Sections:
    """The valid sections of a file; items keep the positions that they have in it.

    ``declared`` holds the name and model of every provider entry that tells them, also of those
    that are not valid otherwise. ``complete`` is false where an entry or an alias cannot be read:
    then nobody can say that a name is not declared.
    """

    version: str | None
    providers_key: str
    providers: Mapping[int, ProviderEntry]
    declared: tuple[tuple[str, str], ...]
    complete: bool
    aliases: Mapping[str, AliasEntry]
    routes: Mapping[int, RouteEntry]
    listeners: Mapping[int, ListenerEntry]
    overrides: Overrides
    extension: Extension
    has_metrics_sources: bool


def read_sections(
    tree: Any, environ: Mapping[str, str]
) -> tuple[Sections | None, list[Problem], list[Problem]]:
    """Read a file's values: its sections, what is wrong with them, and what to warn of."""
    if not isinstance(tree, dict):
        message = "is empty" if tree is None else "must be a mapping of keys to values"
        return None, [Problem("", message)], []
    reader = _Reader(environ)
    return reader.sections(_given(tree)), reader.problems, reader.warnings


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._environ = environ

    def sections(self, root: dict[Any, Any]) -> Sections:
        self._root_keys(root)
        providers_key = self._providers_key(root)
        declared = list(_declared(root.get(providers_key, [])))
        raw_aliases = self._mapping(root, "model_aliases")
        aliases = self._aliases(raw_aliases)
        return Sections(
            version=self._version(root),
            listeners=self._listeners(root.get("listeners")),
            providers_key=providers_key,
            providers=self._items(ProviderEntry, root.get(providers_key), providers_key),
            declared=tuple(entry for entry in declared if entry is not None),
            complete=None not in declared and list(aliases) == list(raw_aliases),
            aliases=aliases,
            routes=self._items(RouteEntry, root.get("routing_preferences"), "routing_preferences"),
            overrides=self._section(Overrides, root.get("overrides", {}), "overrides")
            or Overrides(),
            extension=self._section(Extension, root.get("dragoman", {}), "dragoman") or Extension(),
            has_metrics_sources="model_metrics_sources" in root,
        )

    def _root_keys(self, root: dict[Any, Any]) -> None:
        known = [*_ROOT_KEYS, _OLD_PROVIDERS]
        for key in root:
            if key in UNUSED_ROOT_KEYS:
                self.warnings.append(Problem(place(key), UNUSED_ROOT_KEYS[key]))
            elif key not in known:
                self.problems.append(unknown_key((str(key),), [*known, *UNUSED_ROOT_KEYS]))

    def _mapping(self, root: dict[Any, Any], key: str) -> dict[Any, Any]:
        raw = root.get(key, {})
        if isinstance(raw, dict):
            return raw
        self.problems.append(Problem(key, "must be a mapping"))
        return {}

    def _version(self, root: dict[Any, Any]) -> str | None:
        version = root.get("version")
        if version in VERSIONS:
            return str(version)
        message = (
            f"must be one of {', '.join(VERSIONS)}"
            if "version" in root
            else f"is required; write version: {VERSIONS[-1]}"
        )
        self.problems.append(Problem("version", message))
        return None

    def _providers_key(self, root: dict[Any, Any]) -> str:
        if _OLD_PROVIDERS not in root:
            return _PROVIDERS
        if _PROVIDERS in root:
            self.problems.append(
                Problem(
                    _OLD_PROVIDERS,
                    "Please provide either llm_providers or model_providers, not both. "
                    "llm_providers is deprecated, please use model_providers instead",
                )
            )
            return _PROVIDERS
        self.warnings.append(Problem(_OLD_PROVIDERS, "deprecated: write model_providers instead"))
        return _OLD_PROVIDERS

    def _listeners(self, raw: Any) -> dict[int, ListenerEntry]:
        if isinstance(raw, dict):
            message = "must be a list; the older mapping form is not supported yet"
            self.problems.append(Problem("listeners", message))
            return {}
        if not isinstance(raw, list):
            return self._items(ListenerEntry, raw, "listeners")
        skipped = {
            index
            for index, item in enumerate(raw)
            if isinstance(item, dict) and item.get("type") in _OTHER_LISTENERS
        }
        self.warnings.extend(
            Problem(place("listeners", index), "ignored: only listeners of type model are served")
            for index in sorted(skipped)
        )
        return self._items(ListenerEntry, raw, "listeners", skipped)

    def _aliases(self, raw: dict[Any, Any]) -> dict[str, AliasEntry]:
        entries: dict[str, AliasEntry] = {}
        for alias, item in raw.items():
            if not isinstance(alias, str) or not alias.strip():
                path = place("model_aliases", str(alias))
                self.problems.append(Problem(path, "the name of an alias must be a string"))
            elif entry := self._section(AliasEntry, item, "model_aliases", alias):
                entries[alias] = entry
        return entries

    def _items(
        self, section: type[_S], raw: Any, key: str, skipped: set[int] | None = None
    ) -> dict[int, _S]:
        if raw is None:
            return {}
        if not isinstance(raw, list):
            self.problems.append(Problem(key, "must be a list"))
            return {}
        read = {
            index: self._section(section, item, key, index)
            for index, item in enumerate(raw)
            if index not in (skipped or ())
        }
        return {index: entry for index, entry in read.items() if entry is not None}

    def _section(self, section: type[_S], raw: Any, *path: str | int) -> _S | None:
        if not isinstance(raw, dict):
            self.problems.append(Problem(place(*path), "must be a mapping"))
            return None
        unused = unused_keys(section)
        self.warnings.extend(
            Problem(place(*path, key), unused[key]) for key in raw if key in unused
        )
        values = {key: value for key, value in _given(raw).items() if key not in unused}
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


def _declared(raw: Any) -> Iterator[tuple[str, str] | None]:
    for item in raw if isinstance(raw, list) else (None,):
        entry = _given(item) if isinstance(item, dict) else {}
        model = entry.get("model")
        name = entry.get("name", model)
        yield (name, model) if isinstance(model, str) and isinstance(name, str) else None


def _given(mapping: dict[Any, Any]) -> dict[Any, Any]:
    """A key without a value is the same as no key."""
    return {key: value for key, value in mapping.items() if value is not None}
