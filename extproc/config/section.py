"""What makes a section of the file: how it is read, checked, described, written and settled.

Everything about one section is in its module under ``sections``; the rows of ``sections.table``
are all that the steps of loading know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from extproc.config.fields import Entry
from extproc.config.reading import Reader, Sections
from extproc.config.references import Directory
from extproc.config.secrets.collector import SecretCollector
from extproc.config.writing import written
from extproc.core.config import Config
from extproc.core.problems import Problem

__all__ = ["File", "Section", "list_of", "mapping_section", "ref"]

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Entry)


@dataclass(frozen=True, slots=True)
class File:
    """A file whose sections have been read.

    ``root`` is what it holds, without keys that have no value; ``known`` are the models that names
    in it may lead to. Paths in it are relative to ``directory``. ``secrets`` collects those that
    its sections look up.
    """

    root: Mapping[Any, Any]
    sections: Sections
    known: Directory
    directory: Path
    secrets: SecretCollector


def _nothing(_: File) -> Iterable[Problem]:
    return ()


def _no_secrets(_: File) -> None:
    return None


def _unwritten(_: File) -> Mapping[str, Any]:
    return {}


def _unchanged(config: Config, _: File) -> Config:
    return config


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section(Generic[_T]):
    """One row of the table of sections.

    Attributes:
        kind: the type of what is read, by which others ask for it.
        read: reads the section from the file's root; what is not valid is left out.
        schema: a JSON Schema for each key of the root that belongs to the section.
        entries: the types of its entries, by their headings in docs/configuration.md.
        look_up: looks up the secrets that the section refers to.
        problems: what is wrong with it beyond its entries' own fields.
        advice: what loads but was hardly meant.
        write: its part of the effective configuration, in the form of v0.4.0.
        build: settles it into a configuration, to which the rows before have added theirs; only
            called where nothing is wrong with the file.
    """

    kind: type[_T]
    read: Callable[[Mapping[Any, Any], Reader], _T]
    schema: Mapping[str, Any] = field(default_factory=dict)
    entries: Mapping[str, type[Entry]] = field(default_factory=dict)
    look_up: Callable[[File], None] = _no_secrets
    problems: Callable[[File], Iterable[Problem]] = _nothing
    advice: Callable[[File], Iterable[Problem]] = _nothing
    write: Callable[[File], Mapping[str, Any]] = _unwritten
    build: Callable[[Config, File], Config] = _unchanged


def mapping_section(
    key: str,
    kind: type[_E],
    *,
    entries: Mapping[str, type[Entry]] | None = None,
    look_up: Callable[[File], None] = _no_secrets,
    problems: Callable[[File], Iterable[Problem]] = _nothing,
    advice: Callable[[File], Iterable[Problem]] = _nothing,
    build: Callable[[Config, File], Config] | None = None,
) -> Section[_E]:
    """A section that is one mapping whose keys all have defaults.

    Args:
        key: its key in the root.
        kind: its type.
        entries: the types of mappings in it, by their headings in docs/configuration.md.
        look_up: as in ``Section``.
        problems: as in ``Section``.
        advice: as in ``Section``.
        build: as in ``Section``; one without it is not acted on, and not written either.
    """

    def read(root: Mapping[Any, Any], reader: Reader) -> _E:
        return reader.entry(kind, root.get(key, {}), key) or kind()

    def write(file: File) -> Mapping[str, Any]:
        shown = written(file.sections[kind], file.root.get(key))
        return {key: shown} if shown else {}

    return Section(
        kind=kind,
        read=read,
        schema={key: ref(kind)},
        entries={f"`{key}`": kind, **(entries or {})},
        look_up=look_up,
        problems=problems,
        advice=advice,
        write=write if build else _unwritten,
        build=build or _unchanged,
    )


def ref(entry: type[Entry]) -> dict[str, Any]:
    """The JSON Schema of an entry, by its definition."""
    return {"$ref": f"#/$defs/{entry.__name__}"}


def list_of(*items: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a list whose items fit one of the given schemas."""
    return {"type": "array", "items": items[0] if len(items) == 1 else {"anyOf": list(items)}}
