"""Which declared model a name means: the order of precedence, for files and for requests alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from extproc.core.spelling import Snapshots, snapshots, unmarked
from extproc.core.wildcards import Families, Wildcards, listed_as, wildcards

__all__ = ["Directory", "directory_of"]


@dataclass(frozen=True, slots=True)
class Directory:
    """The declared models by everything that they may be called, best claim first.

    A name goes before an alias, an alias before ``provider/model_id``, that before the bare model
    id. What is none of these may be an alias but for a date, then what a wildcard covers, then a
    declared model but for a date. So an alias redirects every snapshot of a model, but a wildcard
    serves just the snapshot that was asked for. All but names and aliases can fit several models.
    """

    names: frozenset[str]
    by_model: Mapping[str, tuple[str, ...]]
    by_model_id: Mapping[str, tuple[str, ...]]
    listed: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    wildcards: Wildcards = field(default_factory=Wildcards)
    alias_snapshots: Snapshots = field(default_factory=Snapshots)
    model_snapshots: Snapshots = field(default_factory=Snapshots)

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
        plain = unmarked(reference)
        return (
            self._declared(reference)
            or self._declared(plain)
            or self.alias_snapshots.find(plain)
            or tuple(covered.name for covered in self.wildcards.find(plain))
            or self.model_snapshots.find(plain)
        )

    def _declared(self, reference: str) -> tuple[str, ...]:
        if reference in self.names:
            return (reference,)
        if reference in self.aliases:
            return (self.aliases[reference],)
        return self.by_model.get(reference) or self.by_model_id.get(reference) or ()

    def with_aliases(self, aliases: Mapping[str, str]) -> Directory:
        """The same directory with these aliases, each for the name of a model."""
        return replace(self, aliases=aliases, alias_snapshots=snapshots(aliases.items()))

    def without_aliases(self) -> Directory:
        """The same directory for what must lead to a model at once."""
        return self.with_aliases({})


def directory_of(
    declared: Iterable[tuple[str, str]], families: Families | None = None
) -> Directory:
    """The directory of declared models, without aliases.

    Args:
        declared: the name and the model (``provider/model_id``) of each entry; of two entries with
            one name, the last one counts.
        families: by providers' names, the bare ids that their wildcards cover.
    """
    by_model: defaultdict[str, list[str]] = defaultdict(list)
    by_model_id: defaultdict[str, list[str]] = defaultdict(list)
    entries = dict(declared)
    covering = wildcards(entries.items(), families)
    named = {name: model for name, model in entries.items() if name not in covering.declared}
    for name, model in named.items():
        by_model[model].append(name)
        by_model_id[model.partition("/")[2]].append(name)
    called = [
        (spelling, name)
        for name, model in named.items()
        for spelling in {name: None, model: None, model.partition("/")[2]: None}
    ]
    return Directory(
        frozenset(named),
        _frozen(by_model),
        _frozen(by_model_id),
        tuple(named),
        wildcards=covering,
        model_snapshots=snapshots(called),
    )


def _frozen(index: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(names) for key, names in index.items() if key}
