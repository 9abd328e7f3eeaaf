"""The effective configuration: what a file means, in the form of v0.4.0, with every default.

It is a configuration itself and loads to the same. References to variables stay references, and
secrets that are written out are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from extproc.config.environment import reference
from extproc.config.fields import (
    VERSION_WITH_ROUTING,
    ListenerEntry,
    Section,
    SelectionPolicy,
    SessionCache,
)
from extproc.config.load import parse, read_text, sensitive
from extproc.config.migration import migrate
from extproc.config.reading import Sections, read_sections
from extproc.config.secrets.headers import names_a_key
from extproc.config.secrets.redis_url import masked_url
from extproc.config.sections.sources import PriceFileEntry, SourceEntry
from extproc.core.problems import masked_text
from extproc.document import read_document

__all__ = ["effective"]

_MASK: Final = "***"
_SECRETS: Final = frozenset({"access_key", "router_access_key", "token"})
_DEFAULTS: Final[Mapping[str, Section]] = {
    "selection_policy": SelectionPolicy(prefer="none"),
    "session_cache": SessionCache(),
}
_SCHEME: Final = re.compile(r"[A-Za-z]+ +(?=\$)")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def effective(path: Path, environ: Mapping[str, str] | None = None) -> str:
    """The effective form of the configuration at ``path``, as YAML.

    Raises:
        ConfigError: with every problem that was found in it.
    """
    text, known = read_text(path, environ)
    loaded = parse(text, known, source=str(path), directory=path.parent)
    secrets = sensitive(loaded.secrets)
    tree = migrate(read_document(text)[0]).tree
    sections, _, _ = read_sections(tree, known)
    shown = dict(_sections(sections, tree, path.parent)) if sections else {}
    hidden = _hidden(shown, secrets)
    return yaml.dump(hidden, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _sections(
    sections: Sections, tree: Mapping[str, Any], directory: Path
) -> Iterator[tuple[str, Any]]:
    yield "version", VERSION_WITH_ROUTING
    yield "listeners", _listeners(sections, tree.get("listeners") or {})
    providers = tree[sections.providers_key]
    yield "model_providers", _list(sections.providers, providers)
    if sections.routes:
        yield "routing_preferences", _list(sections.routes, tree["routing_preferences"])
    if sections.sources:
        raw = tree["model_metrics_sources"]
        yield (
            "model_metrics_sources",
            [_source(entry, raw[index], directory) for index, entry in sections.sources.items()],
        )
    if sections.aliases:
        yield "model_aliases", {alias: _shown(entry) for alias, entry in sections.aliases.items()}
    yield "overrides", _shown(sections.overrides, tree.get("overrides"))
    yield "dragoman", _shown(sections.extension, tree.get("dragoman"))
    yield "routing", _shown(sections.routing, tree.get("routing"))


def _list(entries: Mapping[int, Section], raw: Sequence[Any]) -> list[dict[str, Any]]:
    return [_shown(entry, raw[index]) for index, entry in entries.items()]


def _source(entry: SourceEntry, raw: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """A source; the path of a file as it is from everywhere."""
    shown = _shown(entry, raw)
    if isinstance(entry, PriceFileEntry) and not Path(entry.path).expanduser().is_absolute():
        shown["path"] = str(directory.absolute() / raw["path"])
    return shown


def _listeners(sections: Sections, raw: Any) -> list[dict[str, Any]]:
    entries: Mapping[int | str, Section] = sections.listeners or {"": ListenerEntry(type="model")}
    return [
        {"type": "model"} | _shown(entry, raw[index] if index in sections.listeners else None)
        for index, entry in entries.items()
    ]


def _shown(section: Section, raw: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A section as it was written, with its defaults, without what is not acted on."""
    written = raw or {}
    shown: dict[str, Any] = {}
    for key, settled in section.model_dump().items():
        value = getattr(section, key)
        if value is None:
            value = _DEFAULTS.get(key)
        if isinstance(value, Section):
            shown[key] = _shown(value, written.get(key))
        elif written.get(key) is not None:
            shown[key] = _masked(key, written[key])
        elif value not in (None, False, {}):
            shown[key] = settled
    return shown


def _masked(key: str, value: Any) -> Any:
    if key in _SECRETS and isinstance(value, str):
        return value if reference(value.strip()) else _MASK
    if key == "url" and isinstance(value, str):
        return masked_url(value)
    if key == "headers" and isinstance(value, dict):
        return {name: _masked_header(name, text) for name, text in value.items()}
    return value


def _masked_header(name: str, text: str) -> str:
    if not names_a_key(name):
        return text
    return text if reference(_SCHEME.sub("", text, count=1)) else _MASK


def _hidden(value: Any, secrets: Sequence[str]) -> Any:
    """The same without any secret, wherever one was written; before YAML breaks it into lines."""
    match value:
        case str():
            return masked_text(value, secrets)
        case dict():
            return {_hidden(key, secrets): _hidden(item, secrets) for key, item in value.items()}
        case list():
            return [_hidden(item, secrets) for item in value]
        case _:
            return value
