"""Which declared model a name in the file means; :mod:`extproc.core.names` has the precedence."""

from __future__ import annotations

from typing import Final

from extproc import providers
from extproc.config.reading import Sections
from extproc.core.names import Directory, directory_of
from extproc.core.problems import Problem

__all__ = ["Directory", "ambiguous", "directory", "is_hosted"]

_FAMILIES: Final = {name: own.families for name, own in providers.OWN_MODELS.items()}
_HOSTED_ROUTERS: Final = frozenset({"arch-router", "plano-orchestrator"})


def directory(sections: Sections) -> Directory:
    """The directory of a file's models, with those of its aliases that lead to one."""
    models = directory_of(sections.declared, _FAMILIES)
    targets = {alias: models.find(entry.target) for alias, entry in sections.aliases.items()}
    aliases = {alias: found[0] for alias, found in targets.items() if len(found) == 1}
    return models.with_aliases(aliases)


def is_hosted(reference: str) -> bool:
    """Whether this names an intent router that Plano hosts, and adds to every file by itself."""
    return reference.rpartition("/")[2].lower() in _HOSTED_ROUTERS


def ambiguous(path: str, reference: str, found: tuple[str, ...]) -> Problem:
    """The reference at ``path`` fits several models."""
    return Problem(path, f"'{reference}' fits several models; say which: {', '.join(found)}")
