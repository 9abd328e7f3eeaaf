"""Which declared model a name in the file means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extproc.config.reading import Sections

__all__ = ["Directory", "directory"]


@dataclass(frozen=True, slots=True)
class Directory:
    """The declared models by everything that they may be called, best claim first.

    A name goes before an alias, an alias before ``provider/model_id``, that before the bare model
    id; only the last two can fit several models.
    """

    names: tuple[str, ...]
    by_model: Mapping[str, tuple[str, ...]]
    by_model_id: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def find(self, reference: str) -> tuple[str, ...]:
        """Names of the models that ``reference`` fits: none, one, or several."""
        if reference in self.names:
            return (reference,)
        if reference in self.aliases:
            return (self.aliases[reference],)
        return self.by_model.get(reference) or self.by_model_id.get(reference, ())


def directory(sections: Sections) -> Directory:
    """The directory of a file's models, with those of its aliases that lead to one."""
    models = _plain(sections.declared)
    targets = {alias: models.find(entry.target) for alias, entry in sections.aliases.items()}
    aliases = {alias: found[0] for alias, found in targets.items() if len(found) == 1}
    return Directory(models.names, models.by_model, models.by_model_id, aliases)


def _plain(declared: Iterable[tuple[str, str]]) -> Directory:
    by_model: defaultdict[str, list[str]] = defaultdict(list)
    by_model_id: defaultdict[str, list[str]] = defaultdict(list)
    names = list(dict.fromkeys(name for name, _ in declared))
    for name, model in dict(declared).items():
        by_model[model].append(name)
        by_model_id[model.partition("/")[2]].append(name)
    return Directory(tuple(names), _frozen(by_model), _frozen(by_model_id))


def _frozen(index: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(names) for key, names in index.items() if key}
