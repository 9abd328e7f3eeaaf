"""The section ``model_metrics_sources``: each item is read as its ``type`` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.config.metrics_schema import SOURCES, SourceEntry
from extproc.config.problems import Problem, place
from extproc.config.section_reader import SectionReader

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
    if (name := _type(item)) is not None:
        return reader.read(SOURCES[name], item, _SECTION, index)
    if not isinstance(item, dict):
        reader.problems.append(Problem(place(_SECTION, index), "must be a mapping"))
    else:
        given = item.get("type") is not None
        message = f"must be one of {', '.join(SOURCES)}" if given else "is required"
        reader.problems.append(Problem(place(_SECTION, index, "type"), message))
    return None


def _type(item: Any) -> str | None:
    name = item.get("type") if isinstance(item, dict) else None
    return name if isinstance(name, str) and name in SOURCES else None
