"""The section ``model_metrics_sources``: each item is read as its ``type`` and ``provider`` say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from extproc.config.section_reader import SectionReader
from extproc.config.sections.sources import EARLIER_TYPES, LATER_TYPES, TYPES, SourceEntry
from extproc.core.problems import Problem, place

__all__ = ["read_sources", "source_types"]

_SECTION: Final = "model_metrics_sources"


def source_types(raw: Any) -> tuple[str | None, ...]:
    """The type of each item, also of those that are not valid; None where nobody can tell."""
    if raw is None:
        return ()
    return tuple(map(_type, raw)) if isinstance(raw, list) else (None,)


def read_sources(raw: Any, reader: SectionReader) -> Mapping[int, SourceEntry]:
    """The valid items, each with its position."""
    if raw is not None and not isinstance(raw, list):
        reader.problems.append(Problem(_SECTION, "must be a list"))
        return {}
    read = {index: _read(item, index, reader) for index, item in enumerate(raw or ())}
    return {index: entry for index, entry in read.items() if entry is not None}


def _read(item: Any, index: int, reader: SectionReader) -> SourceEntry | None:
    if not isinstance(item, dict):
        reader.problems.append(Problem(place(_SECTION, index), "must be a mapping"))
        return None
    name = _one_of(TYPES, "type", item, index, reader)
    if name is None or name in EARLIER_TYPES:
        return reader.read(EARLIER_TYPES[name], item, _SECTION, index) if name else None
    providers = LATER_TYPES[name]
    provider = _one_of(tuple(providers), "provider", item, index, reader)
    return reader.read(providers[provider], item, _SECTION, index) if provider else None


def _one_of(
    known: Collection[str], key: str, item: dict[Any, Any], index: int, reader: SectionReader
) -> str | None:
    word = item.get(key)
    if isinstance(word, str) and word in known:
        return word
    message = "is required" if word is None else f"must be one of {', '.join(known)}"
    reader.problems.append(Problem(place(_SECTION, index, key), message))
    return None


def _type(item: Any) -> str | None:
    name = item.get("type") if isinstance(item, dict) else None
    return name if isinstance(name, str) and name in TYPES else None
