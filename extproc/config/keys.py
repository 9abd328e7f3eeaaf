"""Access keys and secret headers: where each comes from, set apart from what may be printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from extproc.config.environment import reference
from extproc.config.header_secrets import header_secret
from extproc.config.problems import Problem, place
from extproc.config.reading import Sections
from extproc.config.schema import ProviderEntry
from extproc.config.values import Credential, Secrets

__all__ = ["Headers", "Keys", "collect_keys"]

_SYNTHESISED: Final = "DRAGOMAN_KEY_"
_SENDABLE: Final = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of an entry by their names; one whose variable is empty is left out."""

    shown: Mapping[str, str]
    secret: Mapping[str, Credential]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a file: per position of a provider entry, the variable that holds its key, and
    its headers."""

    variables: Mapping[int, str]
    headers: Mapping[int, Headers]
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
    headers = {
        index: _headers(entry, place(sections.providers_key, index), environ, values, problems)
        for index, entry in sections.providers.items()
    }
    return Keys(variables, headers, Secrets(values), tuple(problems), tuple(warnings))


def _headers(
    entry: ProviderEntry,
    path: str,
    environ: Mapping[str, str],
    values: dict[str, str],
    problems: list[Problem],
) -> Headers:
    shown: dict[str, str] = {}
    secrets: dict[str, Credential] = {}
    for name, text in entry.headers.items():
        secret = header_secret(name, text, environ)
        if secret is None:
            shown[name] = text
        elif secret.value and not _SENDABLE.fullmatch(secret.value):
            message = "the value holds characters that a header cannot carry"
            problems.append(Problem(f"{path}.{place('headers', name)}", message))
        elif secret.value:
            variable = secret.variable or _variable_for(secret.value, values, environ)
            values[variable] = secret.value
            secrets[name] = secret.credential(variable)
    return Headers(shown, secrets)


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
