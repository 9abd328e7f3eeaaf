"""The section ``prompt_caching``: conversations that stay with whom has them in a prompt cache, and
marks of what is to be kept there."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar, Final

from pydantic import Field

from extproc.config.fields import NOWHERE, Entry
from extproc.config.section import File, mapping_section
from extproc.core.config import Config

__all__ = ["SECTION", "PromptCaching"]

_KEY: Final = "prompt_caching"


class PromptCaching(Entry):
    """The section ``prompt_caching``."""

    unused: ClassVar = {"session_ttl_seconds": NOWHERE}
    former: ClassVar = {"session_stickiness": "write routing.routing_budget instead"}

    enabled: bool = False
    session_affinity: bool | None = None
    inject_cache_control: bool | None = None
    min_prefix_tokens: Annotated[int, Field(ge=1)] = 1024


def _build(config: Config, file: File) -> Config:
    caching = file.sections[PromptCaching]
    if not caching.enabled:
        return config
    if caching.session_affinity is not False:
        config = replace(config, sessions=replace(config.sessions, implicit=True))
    if caching.inject_cache_control is not False:
        config = replace(config, cache_marks_from=caching.min_prefix_tokens)
    return config


SECTION: Final = mapping_section(_KEY, PromptCaching, build=_build)
