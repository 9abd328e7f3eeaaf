"""Which declared model a name means: the order of precedence, for files and for requests alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from extproc.core.wildcards import Wildcards, listed_as, wildcards

__all__ = ["Directory", "directory_of"]


@dataclass(frozen=True, slots=True)
class Directory:
    """The declared models by everything that they may be called, best claim first.

    A name goes before an alias, an alias before ``provider/model_id``, that before the bare model
    id, that before what a wildcard covers; only the last three can fit several models.
    """

    names: frozenset[str]
    by_model: Mapping[str, tuple[str, ...]]
    by_model_id: Mapping[str, tuple[str, ...]]
    listed: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    wildcards: Wildcards = field(default_factory=Wildcards)

    @property
    def available(self) -> tuple[str, ...]:
        """Every declared name that leads to a model, in declared order; wildcards with a star."""
        return (*self.listed, *map(listed_as, self.wildcards.declared))

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

    def with_aliases(self, aliases: Mapping[str, str]) -> Directory:
        """The same directory with these aliases, each for the name of a model."""
        return replace(self, aliases=aliases)

    def without_aliases(self) -> Directory:
        """The same directory for what must lead to a model at once."""
        return replace(self, aliases={})


def directory_of(declared: Iterable[tuple[str, str]]) -> Directory:
    """The directory of declared models, without aliases.

    Args:
        declared: the name and the model (``provider/model_id``) of each entry; of two entries with
            one name, the last one counts.
    """
    by_model: defaultdict[str, list[str]] = defaultdict(list)
    by_model_id: defaultdict[str, list[str]] = defaultdict(list)
    entries = dict(declared)
    covering = wildcards(entries.items())
    named = {name: model for name, model in entries.items() if name not in covering.declared}
    for name, model in named.items():
        by_model[model].append(name)
        by_model_id[model.partition("/")[2]].append(name)
    return Directory(
        frozenset(named), _frozen(by_model), _frozen(by_model_id), tuple(named), wildcards=covering
    )


def _frozen(index: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(names) for key, names in index.items() if key}
