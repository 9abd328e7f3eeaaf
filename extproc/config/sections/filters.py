"""The sections ``filters`` and ``agents``: who looks at requests and answers, where a listener
names them.

What a listener refers to by an id may stand in either section, as in Plano; agents that no listener
refers to are not acted on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from extproc.config.fields import AGENTS
from extproc.config.filter_types import TYPES, FilterEntry
from extproc.config.reading import Reader
from extproc.config.section import File, Section, list_of, ref
from extproc.config.sections.listeners import Listeners
from extproc.config.writing import written
from extproc.core.config import Config
from extproc.core.guards import GuardSettings, Side
from extproc.core.problems import Problem, place

__all__ = ["SECTION", "Filters"]

_KEY: Final = "filters"
_AGENTS: Final = "agents"
_DEFAULT_TYPE: Final = "mcp"
_FORMER_TYPES: Final = {"rest": "http"}
_SIDES: Final[Mapping[str, Side]] = {
    "input_filters": Side.INPUT,
    "filter_chain": Side.INPUT,
    "output_filters": Side.OUTPUT,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The valid items of both sections that are filters, each with its section, its position and
    its type.

    ``ids`` are those of all items, also of those that are not valid.
    """

    entries: tuple[tuple[str, int, str, FilterEntry], ...]
    ids: tuple[str, ...]

    def named(self, name: str) -> tuple[str, FilterEntry] | None:
        """The type and the entry of this id; None if there is no valid one."""
        return next(((kind, entry) for _, _, kind, entry in self.entries if entry.id == name), None)


def _read(root: Mapping[Any, Any], reader: Reader) -> Filters:
    entries: list[tuple[str, int, str, FilterEntry]] = []
    ids: list[str] = []
    used = frozenset(_referred_to(root))
    if _AGENTS in root and not used & {*_ids(root[_AGENTS])}:
        reader.warnings.append(Problem(_AGENTS, AGENTS))
        root = {key: value for key, value in root.items() if key != _AGENTS}
    for section in (_KEY, _AGENTS):
        raw = root.get(section, [])
        if not isinstance(raw, list):
            reader.problems.append(Problem(section, "must be a list"))
            continue
        for index, item in enumerate(raw):
            name = item.get("id") if isinstance(item, dict) else None
            if section == _AGENTS and name not in used:
                reader.warnings.append(Problem(place(section, index), AGENTS))
                continue
            if isinstance(name, str):
                ids.append(name)
            kind = _type(item, section, index, reader)
            entry = reader.entry(TYPES[kind].entry, item, section, index) if kind else None
            if kind and entry:
                entries.append((section, index, kind, entry))
    return Filters(tuple(entries), tuple(ids))


def _type(item: Any, section: str, index: int, reader: Reader) -> str | None:
    if not isinstance(item, dict):
        reader.problems.append(Problem(place(section, index), "must be a mapping"))
        return None
    kind = reader.settled(item.get("type", _DEFAULT_TYPE))
    if isinstance(kind, str) and kind in TYPES:
        return kind
    former = _FORMER_TYPES.get(kind) if isinstance(kind, str) else None
    message = f"is called {former} now" if former else f"must be one of {', '.join(TYPES)}"
    reader.problems.append(Problem(place(section, index, "type"), message))
    return None


def _ids(raw: Any) -> Iterator[str]:
    for item in raw if isinstance(raw, list) else ():
        name = item.get("id") if isinstance(item, dict) else None
        if isinstance(name, str):
            yield name


def _referred_to(root: Mapping[Any, Any]) -> Iterator[str]:
    """The ids that listeners name, before these are read."""
    listeners = root.get("listeners")
    for listener in listeners if isinstance(listeners, list) else ():
        for key in _SIDES if isinstance(listener, dict) else ():
            names = listener.get(key)
            yield from (
                name for name in (names if isinstance(names, list) else ()) if isinstance(name, str)
            )


def _named(file: File) -> Iterator[tuple[int | str, str, str, int, str]]:
    """Every reference: the listener's key and name, the key in it, the position, the id."""
    for index, listener in file.sections[Listeners].entries.items():
        shown = listener.name or str(index)
        for key in _SIDES:
            names: list[str] = getattr(listener, key)
            for position, name in enumerate(names):
                yield index, shown, key, position, name


def _problems(file: File) -> Iterator[Problem]:
    filters = file.sections[Filters]
    for section, index, _, entry in filters.entries:
        if filters.ids.count(entry.id) > 1:
            yield Problem(
                place(section, index, "id"),
                f"Duplicate agent id {entry.id}, please provide unique id for each agent",
            )
    for listener, shown, key, position, name in _named(file):
        where = place("listeners", listener, key, position)
        if name not in filters.ids:
            yield Problem(
                where,
                f"Listener '{shown}' references {key} id '{name}' which is not defined in agents "
                f"or filters. Available ids: {', '.join(sorted({*filters.ids}))}",
            )
            continue
        found = filters.named(name)
        if found is not None and _SIDES[key] not in TYPES[found[0]].sides:
            yield Problem(where, f"'{name}' is of type {found[0]}, which does not look at these")


def _advice(file: File) -> Iterator[Problem]:
    used = {name for *_, name in _named(file)}
    for section, index, _, entry in file.sections[Filters].entries:
        if entry.id not in used:
            yield Problem(
                place(section, index),
                f"guards nothing: no listener names '{entry.id}' in input_filters or "
                "output_filters",
            )


def _write(file: File) -> Mapping[str, Any]:
    shown: dict[str, list[Any]] = {}
    for section, index, _, entry in file.sections[Filters].entries:
        shown.setdefault(section, []).append(written(entry, file.root[section][index]))
    return shown


def _build(config: Config, file: File) -> Config:
    found: dict[Side, list[GuardSettings]] = {side: [] for side in Side}
    for *_, key, _, name in _named(file):
        named = file.sections[Filters].named(name)
        if named is not None:
            found[_SIDES[key]].append(named[1].settings())
    return replace(
        config,
        input_guards=tuple(found[Side.INPUT]),
        output_guards=tuple(found[Side.OUTPUT]),
    )


SECTION: Final = Section(
    kind=Filters,
    read=_read,
    schema={
        _KEY: list_of(*(ref(row.entry) for row in TYPES.values())),
        _AGENTS: {"type": "array", "items": {"type": "object"}},
    },
    entries={f"`filters[]` of `type: {kind}`": row.entry for kind, row in TYPES.items()},
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
