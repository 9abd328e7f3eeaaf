"""Access keys: where each comes from, set apart from everything that may be printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from extproc.config.environment import reference
from extproc.config.problems import Problem, place
from extproc.config.reading import Sections
from extproc.config.values import Secrets

__all__ = ["Keys", "collect_keys"]

_SYNTHESISED: Final = "DRAGOMAN_KEY_"
_SENDABLE: Final = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a file: per position of a provider entry, the variable that holds its key."""

    variables: Mapping[int, str]
    secrets: Secrets
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def collect_keys(sections: Sections, environ: Mapping[str, str]) -> Keys:
    """Look up every ``access_key`` that is used; one that is written out gets a variable of its
    own."""
    variables: dict[int, str] = {}
    values: dict[str, str] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for index, entry in sections.providers.items():
        if entry.access_key is None or entry.passthrough_auth:
            continue
        path = place(sections.providers_key, index, "access_key")
        text = entry.access_key.strip()
        variable = reference(text)
        value = environ.get(variable, "").strip() if variable else text
        if message := _objection(text, variable, value, environ):
            problems.append(Problem(path, message))
            continue
        if variable is None:
            if text in environ:
                warnings.append(Problem(path, f"taken literally; for the variable write ${text}"))
            variable = _variable_for(text, values, environ)
        variables[index] = variable
        values[variable] = value
    return Keys(variables, Secrets(values), tuple(problems), tuple(warnings))


def _objection(
    text: str, variable: str | None, value: str, environ: Mapping[str, str]
) -> str | None:
    if variable is not None and variable not in environ:
        return f"environment variable {variable} is not set"
    if variable is None and (text.startswith("$") or "${" in text):
        return "is no reference that is understood; write $NAME or ${NAME}"
    whose = f"environment variable {variable}" if variable else "the key"
    if not value:
        return f"{whose} is empty"
    if not _SENDABLE.fullmatch(value):
        return f"{whose} holds characters that a header cannot carry"
    return None


def _variable_for(key: str, values: Mapping[str, str], environ: Mapping[str, str]) -> str:
    number = 1
    while (name := f"{_SYNTHESISED}{number}") in environ or values.get(name, key) != key:
        number += 1
    return name
