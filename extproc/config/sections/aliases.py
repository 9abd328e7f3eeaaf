"""The section ``model_aliases``: other names that clients may send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from extproc.config.fields import Entry, Name
from extproc.config.reading import Reader
from extproc.config.references import ambiguous
from extproc.config.section import File, Section, ref
from extproc.config.writing import written
from extproc.core.config import Config
from extproc.core.problems import Problem, place

__all__ = ["SECTION", "AliasEntry", "Aliases"]

_KEY: Final = "model_aliases"


class AliasEntry(Entry):
    """A value of ``model_aliases``."""

    target: Name


@dataclass(frozen=True, slots=True)
class Aliases:
    """The aliases that are valid; ``complete`` is false where one is not."""

    entries: Mapping[str, AliasEntry]
    complete: bool


def _read(root: Mapping[Any, Any], reader: Reader) -> Aliases:
    raw = reader.mapping(root, _KEY)
    entries: dict[str, AliasEntry] = {}
    for alias, item in raw.items():
        if not isinstance(alias, str) or not alias.strip():
            path = place(_KEY, str(alias))
            reader.problems.append(Problem(path, "the name of an alias must be a string"))
        elif entry := reader.entry(AliasEntry, item, _KEY, alias):
            entries[alias] = entry
    return Aliases(entries, complete=list(entries) == list(raw))


def _problems(file: File) -> Iterator[Problem]:
    for alias, entry in file.sections[Aliases].entries.items():
        path = place(_KEY, alias, "target")
        # An alias leads to a model, never to another alias.
        found = file.known.without_aliases().find(entry.target)
        if len(found) > 1:
            yield ambiguous(path, entry.target, found)
        elif not found and file.sections.complete:
            yield Problem(
                path,
                f"Model alias 2 - '{alias}' targets '{entry.target}' which is not defined as a "
                f"model. Available models: {', '.join(sorted(file.known.available))}",
            )


def _advice(file: File) -> Iterator[Problem]:
    models = file.known.without_aliases()
    for alias, entry in file.sections[Aliases].entries.items():
        if alias in models.names and models.find(entry.target) != (alias,):
            message = "is never reached: a model of this name is declared, and that goes first"
            yield Problem(place(_KEY, alias), message)


def _write(file: File) -> Mapping[str, Any]:
    entries = file.sections[Aliases].entries
    return {_KEY: {alias: written(entry) for alias, entry in entries.items()}} if entries else {}


def _build(config: Config, file: File) -> Config:
    return replace(config, aliases=dict(file.known.aliases))


SECTION: Final = Section(
    kind=Aliases,
    read=_read,
    schema={_KEY: {"type": "object", "additionalProperties": ref(AliasEntry)}},
    entries={"`model_aliases.*`": AliasEntry},
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
