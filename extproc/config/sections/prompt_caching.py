"""The section ``prompt_caching``: conversations that stay with whom has them in a prompt cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from extproc.config.fields import NOT_YET, NOWHERE, Entry
from extproc.config.section import File, mapping_section
from extproc.core.config import Config
from extproc.core.problems import Problem, place

__all__ = ["SECTION", "PromptCaching"]

_KEY: Final = "prompt_caching"


class PromptCaching(Entry):
    """The section ``prompt_caching``."""

    unused: ClassVar = {
        "inject_cache_control": NOT_YET,
        "min_prefix_tokens": NOT_YET,
        "session_ttl_seconds": NOWHERE,
    }

    enabled: bool = False
    session_affinity: bool | None = None


def _advice(file: File) -> Iterator[Problem]:
    caching = file.sections[PromptCaching]
    raw = file.root.get(_KEY)
    if caching.enabled and isinstance(raw, dict) and "inject_cache_control" not in raw:
        yield Problem(
            place(_KEY, "enabled"),
            "keeps sessions with their model; cache_control is not added to requests yet",
        )


def _build(config: Config, file: File) -> Config:
    caching = file.sections[PromptCaching]
    if not caching.enabled or caching.session_affinity is False:
        return config
    return replace(config, sessions=replace(config.sessions, implicit=True))


SECTION: Final = mapping_section(_KEY, PromptCaching, advice=_advice, build=_build)
