"""Which declared model a name in the file means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from extproc.config.reading import Sections
from extproc.core.problems import Problem
from extproc.core.wildcards import Wildcards, listed_as, wildcards

__all__ = ["Directory", "ambiguous", "directory", "is_hosted"]

_HOSTED_ROUTERS: Final = frozenset({"arch-router", "plano-orchestrator"})


@dataclass(frozen=True, slots=True)
class Directory:
    """The declared models by everything that they may be called, best claim first.

    A name goes before an alias, an alias before ``provider/model_id``, that before the bare model
    id, that before what a wildcard covers; only the last three can fit several models.
    """

    names: tuple[str, ...]
    by_model: Mapping[str, tuple[str, ...]]
    by_model_id: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    wildcards: Wildcards = field(default_factory=Wildcards)

    @property
    def available(self) -> tuple[str, ...]:
        """Every name that leads to a model, wildcards with a star."""
        return (*self.names, *map(listed_as, self.wildcards.declared))

    def entry(self, name: str) -> str:
        """The entry that a name which ``find`` gave belongs to."""
        covered = None if name in self.names else self.wildcards.named(name)
        return name if covered is None else covered.entry

    def find(self, reference: str) -> tuple[str, ...]:
        """Names of the models that ``reference`` fits: none, one, or several."""
        if reference in self.names:
            return (reference,)
        if reference in self.aliases:
            return (self.aliases[reference],)
        declared = self.by_model.get(reference) or self.by_model_id.get(reference)
        return declared or tuple(covered.name for covered in self.wildcards.find(reference))

    def without_aliases(self) -> Directory:
        """The same directory for what must lead to a model at once."""
        return replace(self, aliases={})


def directory(sections: Sections) -> Directory:
    """The directory of a file's models, with those of its aliases that lead to one."""
    models = _plain(sections.declared)
    targets = {alias: models.find(entry.target) for alias, entry in sections.aliases.items()}
    aliases = {alias: found[0] for alias, found in targets.items() if len(found) == 1}
    return replace(models, aliases=aliases)


def _plain(declared: Iterable[tuple[str, str]]) -> Directory:
    by_model: defaultdict[str, list[str]] = defaultdict(list)
    by_model_id: defaultdict[str, list[str]] = defaultdict(list)
    entries = dict(declared)
    covering = wildcards(entries.items())
    named = {name: model for name, model in entries.items() if name not in covering.declared}
    for name, model in named.items():
        by_model[model].append(name)
        by_model_id[model.partition("/")[2]].append(name)
    return Directory(tuple(named), _frozen(by_model), _frozen(by_model_id), wildcards=covering)


def _frozen(index: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(names) for key, names in index.items() if key}


def is_hosted(reference: str) -> bool:
    """Whether this names an intent router that Plano hosts, and adds to every file by itself."""
    return reference.rpartition("/")[2].lower() in _HOSTED_ROUTERS


def ambiguous(path: str, reference: str, found: tuple[str, ...]) -> Problem:
    """The reference at ``path`` fits several models."""
    return Problem(path, f"'{reference}' fits several models; say which: {', '.join(found)}")
