"""From a file's plain values to its sections, each valid on its own.

A section that is not valid is left out and its problems are kept, so that the others can still be
checked against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from extproc.config.explanations import unknown_key
from extproc.config.fields import (
    VERSIONS,
    AliasEntry,
    Extension,
    ListenerEntry,
    Overrides,
    PromptCaching,
    ProviderEntry,
    RouteEntry,
    Routing,
    Tracing,
)
from extproc.config.metrics_reading import read_sources, source_types
from extproc.config.section_reader import SectionReader, given
from extproc.config.sections.listeners import read_listeners
from extproc.config.sections.sources import SourceEntry
from extproc.config.unused import UNUSED_ROOT_KEYS
from extproc.core.problems import Problem, place

__all__ = ["Sections", "read_sections"]

_PROVIDERS: Final = "model_providers"
_OLD_PROVIDERS: Final = "llm_providers"
_SOURCES: Final = "model_metrics_sources"
_ROOT_KEYS: Final = (
    "version",
    "listeners",
    _PROVIDERS,
    "model_aliases",
    "routing_preferences",
    "overrides",
    "dragoman",
    _SOURCES,
    "routing",
    "prompt_caching",
    "tracing",
)
# Nothing in these is acted on, but what is unknown in them is a mistake all the same.
_UNUSED_SECTIONS: Final = {"prompt_caching": PromptCaching, "tracing": Tracing}


@dataclass(frozen=True, slots=True)
class Sections:
    """The valid sections of a file; items keep the positions that they have in it.

    ``declared`` holds the name and model of every provider entry that tells them, also of those
    that are not valid otherwise; ``source_types`` the type of every metric source, None where it
    cannot be told. ``complete`` is false where an entry or an alias cannot be read: then nobody can
    say that a name is not declared.
    """

    version: str | None
    providers_key: str
    providers: Mapping[int, ProviderEntry]
    declared: tuple[tuple[str, str], ...]
    complete: bool
    aliases: Mapping[str, AliasEntry]
    routes: Mapping[int, RouteEntry]
    listeners: Mapping[int | str, ListenerEntry]
    overrides: Overrides
    extension: Extension
    routing: Routing
    sources: Mapping[int, SourceEntry]
    source_types: tuple[str | None, ...]
    has_legacy_listeners: bool


def read_sections(
    tree: Any, environ: Mapping[str, str]
) -> tuple[Sections | None, list[Problem], list[Problem]]:
    """Read a file's values: its sections, what is wrong with them, and what to warn of."""
    if not isinstance(tree, dict):
        message = "is empty" if tree is None else "must be a mapping of keys to values"
        return None, [Problem("", message)], []
    reader = _Reader(environ)
    return reader.sections(given(tree)), reader.problems, reader.warnings


class _Reader(SectionReader):
    def sections(self, root: dict[Any, Any]) -> Sections:
        self._root_keys(root)
        routing = self.read(Routing, root.get("routing", {}), "routing") or Routing()
        for key, section in _UNUSED_SECTIONS.items():
            self.read(section, root.get(key, {}), key)
        providers_key = self._providers_key(root)
        declared = list(_declared(root.get(providers_key, [])))
        raw_aliases = self.mapping(root, "model_aliases")
        aliases = self._aliases(raw_aliases)
        return Sections(
            version=self._version(root),
            listeners=read_listeners(root.get("listeners"), self),
            providers_key=providers_key,
            providers=self.items(ProviderEntry, root.get(providers_key), providers_key),
            declared=tuple(entry for entry in declared if entry is not None),
            complete=None not in declared and list(aliases) == list(raw_aliases),
            aliases=aliases,
            routes=self.items(RouteEntry, root.get("routing_preferences"), "routing_preferences"),
            overrides=self.read(Overrides, root.get("overrides", {}), "overrides") or Overrides(),
            extension=self.read(Extension, root.get("dragoman", {}), "dragoman") or Extension(),
            routing=routing,
            sources=read_sources(root.get(_SOURCES), self),
            source_types=source_types(root.get(_SOURCES)),
            has_legacy_listeners=isinstance(root.get("listeners"), dict),
        )

    def _root_keys(self, root: dict[Any, Any]) -> None:
        known = [*_ROOT_KEYS, _OLD_PROVIDERS]
        for key in root:
            if key in UNUSED_ROOT_KEYS:
                self.warnings.append(Problem(place(key), UNUSED_ROOT_KEYS[key]))
            elif key not in known:
                self.problems.append(unknown_key((str(key),), [*known, *UNUSED_ROOT_KEYS]))

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

    def _aliases(self, raw: dict[Any, Any]) -> dict[str, AliasEntry]:
        entries: dict[str, AliasEntry] = {}
        for alias, item in raw.items():
            if not isinstance(alias, str) or not alias.strip():
                path = place("model_aliases", str(alias))
                self.problems.append(Problem(path, "the name of an alias must be a string"))
            elif entry := self.read(AliasEntry, item, "model_aliases", alias):
                entries[alias] = entry
        return entries


def _declared(raw: Any) -> Iterator[tuple[str, str] | None]:
    for item in raw if isinstance(raw, list) else (None,):
        entry = given(item) if isinstance(item, dict) else {}
        model = entry.get("model")
        name = entry.get("name", model)
        yield (name, model) if isinstance(model, str) and isinstance(name, str) else None
