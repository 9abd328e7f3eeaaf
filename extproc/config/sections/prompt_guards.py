"""The section ``prompt_guards``: Plano's guard against jailbreaks, which refuses requests.

It looks before the filters that listeners name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from extproc.config.fields import Entry, Line
from extproc.config.guards import STILL_IGNORED, still_ignored
from extproc.config.section import File, mapping_section
from extproc.core.config import Config
from extproc.core.guards import GuardSettings
from extproc.core.injection import InjectionAction, InjectionRules
from extproc.core.problems import Problem

__all__ = ["SECTION"]

_NAME: Final = "prompt_guards"


class OnException(Entry):
    """What becomes of a request that is taken for an attack."""

    message: Line | None = None


class Jailbreak(Entry):
    """The guard against attacks on models."""

    on_exception: OnException | None = None


class InputGuards(Entry):
    """The guards of requests."""

    jailbreak: Jailbreak | None = None


class PromptGuards(Entry):
    """The whole section."""

    input_guards: InputGuards | None = None


def _advice(file: File) -> Iterator[Problem]:
    if still_ignored(file.root, _NAME):
        yield Problem(_NAME, STILL_IGNORED)


def _build(config: Config, file: File) -> Config:
    guards = file.sections[PromptGuards].input_guards
    if guards is None or guards.jailbreak is None or still_ignored(file.root, _NAME):
        return config
    told = guards.jailbreak.on_exception
    rules = InjectionRules(action=InjectionAction.BLOCK, message=told.message if told else None)
    guard = GuardSettings(_NAME, injection=rules)
    return replace(config, input_guards=(guard, *config.input_guards))


SECTION: Final = mapping_section(
    _NAME,
    PromptGuards,
    entries={
        "`prompt_guards`": PromptGuards,
        "`prompt_guards.input_guards`": InputGuards,
        "`prompt_guards.input_guards.jailbreak`": Jailbreak,
        "`prompt_guards.input_guards.jailbreak.on_exception`": OnException,
    },
    advice=_advice,
    build=_build,
)
