"""The section ``listeners`` in both of its forms: a list, or the older mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.config.explanations import unknown_key
from extproc.config.fields import LegacyListenerEntry, ListenerEntry, Section
from extproc.config.section_reader import SectionReader, given
from extproc.config.unused import unused_keys
from extproc.core.problems import Problem, place

__all__ = ["read_listeners"]

_SECTION: Final = "listeners"
_EGRESS: Final = "egress_traffic"
_INGRESS: Final = "ingress_traffic"
_OTHER_TYPES: Final = ("agent", "prompt")


def read_listeners(raw: Any, reader: SectionReader) -> Mapping[int | str, ListenerEntry]:
    """The listeners of ``type: model``, by their position in the list or key in the mapping."""
    if isinstance(raw, dict):
        return _legacy(given(raw), reader)
    skipped = {
        index
        for index, item in enumerate(raw if isinstance(raw, list) else ())
        if isinstance(item, dict) and item.get("type") in _OTHER_TYPES
    }
    for index in sorted(skipped):
        _ignore(raw[index], ListenerEntry, reader, index)
    listeners: dict[int | str, ListenerEntry] = {}
    listeners.update(reader.items(ListenerEntry, raw, _SECTION, skipped).items())
    return listeners


def _legacy(raw: dict[Any, Any], reader: SectionReader) -> Mapping[int | str, ListenerEntry]:
    for key in raw:
        if key == _INGRESS:
            _ignore(raw[key], LegacyListenerEntry, reader, key)
        elif key != _EGRESS:
            reader.problems.append(unknown_key((_SECTION, str(key)), [_EGRESS, _INGRESS]))
    entry = reader.read(LegacyListenerEntry, raw.get(_EGRESS, {}), _SECTION, _EGRESS)
    if entry is None:
        return {}
    listener = ListenerEntry(
        type="model", address=entry.address, port=entry.port, timeout=entry.timeout
    )
    return {_EGRESS: listener}


def _ignore(raw: Any, section: type[Section], reader: SectionReader, step: str | int) -> None:
    path = (_SECTION, step)
    known = [*section.model_fields, *unused_keys(section)]
    message = "ignored: only listeners of type model are served"
    reader.warnings.append(Problem(place(*path), message))
    for key in raw if isinstance(raw, dict) else ():
        if key not in known:
            reader.problems.append(unknown_key((*path, str(key)), known))
