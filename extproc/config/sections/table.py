"""The sections of a file, one row each: a new section is a module here and a row below.

Sections are read, checked and settled in this order, and what is wrong with them is told in it.
``router`` chooses among the models that ``providers`` has settled.
"""

from __future__ import annotations

from typing import Any, Final

from extproc.config.section import Section
from extproc.config.sections import (
    aliases,
    budgets,
    filters,
    listeners,
    prompt_caching,
    prompt_guards,
    providers,
    ratelimits,
    router,
    routes,
    sessions,
    settings,
    sources,
    tracing,
    version,
)

__all__ = ["SECTIONS"]

SECTIONS: Final[tuple[Section[Any], ...]] = (
    version.SECTION,
    sessions.SECTION,
    prompt_caching.SECTION,
    tracing.SECTION,
    providers.SECTION,
    aliases.SECTION,
    listeners.SECTION,
    filters.SECTION,
    prompt_guards.SECTION,
    routes.SECTION,
    settings.OVERRIDES,
    settings.DRAGOMAN,
    ratelimits.SECTION,
    router.SECTION,
    sources.SECTION,
    budgets.SECTION,
)
