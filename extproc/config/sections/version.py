"""The root key ``version``: which form of the language a file is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from extproc.config.reading import Reader
from extproc.config.section import File, Section
from extproc.core.problems import Problem

__all__ = ["SECTION", "VERSIONS", "VERSION_WITH_ROUTING", "Version"]

VERSIONS: Final = ("v0.1", "v0.1.0", "0.1-beta", "0.2.0", "v0.3.0", "v0.4.0")
VERSION_WITH_ROUTING: Final = "v0.4.0"
"""The first in which ``routing_preferences`` is a key of the root."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version that a file names; ``text`` is None where that is none that is known."""

    text: str | None


def _read(root: Mapping[Any, Any], reader: Reader) -> Version:
    version = reader.settled(root.get("version"))
    if version in VERSIONS:
        return Version(str(version))
    message = (
        f"must be one of {', '.join(VERSIONS)}"
        if "version" in root
        else f"is required; write version: {VERSIONS[-1]}"
    )
    reader.problems.append(Problem("version", message))
    return Version(None)


def _write(_: File) -> Mapping[str, Any]:
    return {"version": VERSION_WITH_ROUTING}


SECTION: Final = Section(
    kind=Version, read=_read, schema={"version": {"enum": list(VERSIONS)}}, write=_write
)
