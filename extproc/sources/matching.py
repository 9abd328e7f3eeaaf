"""Which entry of a catalogue each of our models takes.

By exact name; else by ``creator/model_id`` in lower case; else by ``model_aliases``; else by the
bare id. This order is documented: an alias does not overrule an entry of the model's own name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from extproc.core.config import Config
from extproc.core.wildcards import Wildcards, wildcards
from extproc.sources.listing import Entry

__all__ = ["Key", "Match", "Matches", "OurModel", "OurModels", "match", "our_models"]

_PUNCTUATION: Final = re.compile(r"[^a-z0-9]+")


class Key(StrEnum):
    """By what a model found its entry, in the order of precedence."""

    NAME = "exact name"
    FULL_ID = "creator/model_id"
    ALIAS = "model_aliases"
    BARE_ID = "bare id"


@dataclass(frozen=True, slots=True)
class OurModel:
    """What may be looked up of a model: its name, its provider, and its id there."""

    name: str
    provider: str
    model_id: str

    @property
    def full_id(self) -> str:
        """``provider/model_id`` in lower case."""
        return f"{self.provider}/{self.model_id}".lower()


@dataclass(frozen=True, slots=True)
class OurModels:
    """The models that the configuration names, by their names, and the wildcards that cover others.

    ``providers`` maps the name of each wildcard entry to its provider.
    """

    named: Mapping[str, OurModel]
    covering: Wildcards = field(default_factory=Wildcards)
    providers: Mapping[str, str] = field(default_factory=dict)

    def covers(self, name: str) -> bool:
        """Whether this is the name of one of our models."""
        return name in self.named or self.covering.named(name) is not None

    def of_catalogue(self, entries: Iterable[Entry]) -> Iterator[OurModel]:
        """What the wildcards cover of a catalogue, as clients may call it."""
        found: dict[str, OurModel] = {}
        prefixes = [
            (prefix, self.providers[name]) for prefix, name in self.covering.by_name.items()
        ]
        for entry in entries:
            theirs = (entry.creator.lower(), entry.provider)
            names = [f"{prefix}/{entry.model_id}" for prefix, own in prefixes if own in theirs]
            for name in (entry.key, *names):
                covered = self.covering.named(name)
                if covered is not None and name not in self.named:
                    provider = self.providers[covered.entry]
                    found[name] = OurModel(name, provider, covered.model_id)
        yield from found.values()


def our_models(config: Config) -> OurModels:
    """The declared models, and those that routes and aliases name and a wildcard covers."""
    named = {
        model.name: OurModel(model.name, model.provider, model.model_id)
        for model in config.models
        if not model.is_wildcard
    }
    providers = {model.name: model.provider for model in config.models if model.is_wildcard}
    covering = wildcards((name, f"{provider}/*") for name, provider in providers.items())
    mentioned = [name for route in config.routes for name in route.models]
    for name in [*mentioned, *config.aliases.values()]:
        covered = None if name in named else covering.named(name)
        if covered is not None:
            provider = providers[covered.entry]
            named[covered.name] = OurModel(covered.name, provider, covered.model_id)
    return OurModels(named, covering, providers)


@dataclass(frozen=True, slots=True)
class Match:
    """The entry that a model took, and by what."""

    entry: Entry
    key: Key


@dataclass(frozen=True, slots=True)
class Matches:
    """Which entries were taken, by our names.

    ``ambiguous`` holds the models that several entries of different prices fit, with what the
    catalogue calls these: such a model takes none. ``similar`` holds what models without an entry
    were perhaps meant to take.
    """

    taken: Mapping[str, Match]
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    similar: Mapping[str, str] = field(default_factory=dict)


def match(ours: OurModels, entries: Iterable[Entry], aliases: Mapping[str, str]) -> Matches:
    """Give every one of our models its entry.

    Args:
        ours: the models.
        entries: the catalogue. Its order means nothing.
        aliases: from what the catalogue calls a model (its key, or ``creator/model_id`` in lower
            case) to its name here.
    """
    catalogue = sorted(entries, key=lambda entry: entry.key)
    index = _index(catalogue, aliases)
    taken: dict[str, Match] = {}
    ambiguous: dict[str, tuple[str, ...]] = {}
    missing: list[str] = []
    for model in (*ours.named.values(), *ours.of_catalogue(catalogue)):
        key, found = _candidates(model, index)
        if key is None:
            missing.append(model.name)
        elif len({entry.price for entry in found}) > 1:
            ambiguous[model.name] = tuple(entry.key for entry in found)
        else:
            taken[model.name] = Match(found[0], key)
    return Matches(taken, ambiguous, _similar(missing, catalogue) if missing else {})


def _similar(missing: Iterable[str], catalogue: Iterable[Entry]) -> dict[str, str]:
    """What differs from the missing names in punctuation and case only."""
    sought = {letters: name for name in missing if (letters := _letters(name))}
    found = {sought.get(_letters(entry.key)): entry.key for entry in catalogue}
    return {name: key for name, key in found.items() if name is not None}


_Index: TypeAlias = Mapping[Key, Mapping[str, list[Entry]]]


def _index(catalogue: Iterable[Entry], aliases: Mapping[str, str]) -> _Index:
    by: dict[Key, defaultdict[str, list[Entry]]] = {key: defaultdict(list) for key in Key}
    for entry in catalogue:
        by[Key.NAME][entry.key].append(entry)
        by[Key.BARE_ID][entry.model_id].append(entry)
        if full_id := entry.full_id:
            by[Key.FULL_ID][full_id].append(entry)
        if entry.provider:
            by[Key.FULL_ID][f"{entry.provider}/{entry.model_id}".lower()].append(entry)
        alias = aliases.get(entry.key) or aliases.get(full_id)
        if alias is not None:
            by[Key.ALIAS][alias].append(entry)
    return by


def _candidates(model: OurModel, index: _Index) -> tuple[Key | None, list[Entry]]:
    sought = {
        Key.NAME: model.name,
        Key.FULL_ID: model.full_id,
        Key.ALIAS: model.name,
        Key.BARE_ID: model.model_id,
    }
    for key, word in sought.items():
        if found := index[key].get(word):
            return key, found
    return None, []


def _letters(name: str) -> str:
    return _PUNCTUATION.sub("", name.lower())
