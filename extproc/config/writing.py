"""An entry as the effective configuration writes it: defaults included, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from extproc.config.environment import reference
from extproc.config.fields import Entry
from extproc.config.secrets.masked_url import masked_url
from extproc.core.key_names import names_a_key

__all__ = ["written", "written_items"]

_MASK: Final = "***"
_SCHEME: Final = re.compile(r"[A-Za-z]+ +(?=\$)")


def written(entry: Entry, raw: Any = None) -> dict[str, Any]:
    """An entry as it was written, with its defaults, without what is not acted on.

    Args:
        entry: the entry as it was read.
        raw: what it was read from, if there was anything: a mapping, or a word for one.
    """
    source = raw if isinstance(raw, Mapping) else {}
    shown: dict[str, Any] = {}
    for key, settled in entry.model_dump().items():
        value = getattr(entry, key)
        if value is None:
            value = entry.implied.get(key)
        if isinstance(value, Entry):
            shown[key] = written(value, source.get(key))
        elif source.get(key) is not None:
            shown[key] = _masked(source[key], key, entry)
        elif value not in (None, False, {}, []):
            shown[key] = settled
    return shown


def written_items(entries: Mapping[int, Entry], raw: Sequence[Any]) -> list[dict[str, Any]]:
    """The items of a list by their positions in ``raw``, each as it is written."""
    return [written(entry, raw[index]) for index, entry in entries.items()]


def _masked(value: Any, key: str, entry: Entry) -> Any:
    if key in entry.secret and isinstance(value, str):
        return value if reference(value.strip()) else _MASK
    if key in entry.secret and isinstance(value, list):
        return [_masked(each, key, entry) for each in value]
    if key in ("url", "proxy") and isinstance(value, str):
        return masked_url(value)
    if key == "headers" and isinstance(value, dict):
        return {name: _masked_header(name, text) for name, text in value.items()}
    return value


def _masked_header(name: str, text: str) -> str:
    if not names_a_key(name):
        return text
    return text if reference(_SCHEME.sub("", text, count=1)) else _MASK
