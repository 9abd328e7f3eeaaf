"""The root of a file: which keys it may have, and the sections that are read from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.config.explanations import unknown_key
from extproc.config.fields import FORMER_ROOT_KEYS, UNUSED_ROOT_KEYS
from extproc.config.reading import Reader, Sections
from extproc.config.sections.aliases import Aliases
from extproc.config.sections.providers import Providers
from extproc.config.sections.table import SECTIONS
from extproc.core.problems import Problem, place

__all__ = ["read_sections"]


def read_sections(root: Mapping[Any, Any], reader: Reader) -> Sections:
    """Read every section; ``reader`` collects what is wrong with them, and what to warn of."""
    _check_keys(root, reader)
    read = {section.kind: section.read(root, reader) for section in SECTIONS}
    providers: Providers = read[Providers]
    aliases: Aliases = read[Aliases]
    return Sections(
        read,
        declared=providers.declared,
        aliases=aliases.entries,
        complete=providers.complete and aliases.complete,
    )


def _check_keys(root: Mapping[Any, Any], reader: Reader) -> None:
    known = [key for section in SECTIONS for key in section.schema]
    for key in root:
        if key in UNUSED_ROOT_KEYS:
            reader.warnings.append(Problem(place(key), UNUSED_ROOT_KEYS[key]))
        elif key not in known:
            keys = [*known, *UNUSED_ROOT_KEYS]
            reader.problems.append(unknown_key((str(key),), keys, FORMER_ROOT_KEYS))
