"""Environment variables in the values of an entry.

``${NAME}`` stands for one in any value, ``$NAME`` where the entry's kind says so: in settings it is
what Plano's users write, in a route's examples it is money or a shell's variable. ``$${NAME}`` is
``${NAME}`` itself. Secrets stay references here: they are looked up apart, so that no value that is
shown, or rendered for Envoy, holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from extproc.config.environment import expanded, reference, references
from extproc.config.explanations import entry_at
from extproc.config.fields import Entry
from extproc.core.key_names import names_a_key
from extproc.core.problems import Problem, place

__all__ = ["Expansion", "Steps", "expand"]

Steps: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class Expansion:
    """An entry's values, their variables replaced, and what is wrong with those.

    ``lacking`` are the variables that are not set of values that may be secrets: the entry is valid
    without them. ``unset`` holds the places of values that cannot be told, and ``whole`` of those
    that are one variable and nothing else: for the field's sake, these may be read as numbers.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lacking: list[Problem] = field(default_factory=list)
    unset: set[Steps] = field(default_factory=set)
    whole: set[Steps] = field(default_factory=set)


def expand(
    raw: Mapping[Any, Any], kind: type[Entry], environ: Mapping[str, str], path: Steps
) -> Expansion:
    """Replace the variables of an entry.

    Args:
        raw: its values as they are written.
        kind: says where ``$NAME`` without braces is a variable, and what stays as it is.
        environ: the environment.
        path: the entry's place in the file.
    """
    expansion = Expansion()
    expansion.values = _Expanding(environ, path, expansion).entry(raw, kind, (), bare=False)
    expansion.problems.sort(key=lambda problem: problem.path)
    return expansion


class _Expanding:
    def __init__(self, environ: Mapping[str, str], path: Steps, expansion: Expansion) -> None:
        self._environ = environ
        self._path = path
        self._expansion = expansion

    def entry(
        self, raw: Mapping[Any, Any], kind: type[Entry], at: Steps, *, bare: bool
    ) -> dict[str, Any]:
        bare = bare or kind.takes_variables
        values: dict[str, Any] = {}
        for key, value in raw.items():
            inner = entry_at(kind, key) if isinstance(value, dict) else None
            if key in kind.literal:
                values[key] = value
            elif inner is not None:
                values[key] = self.entry(value, inner, (*at, key), bare=bare)
            else:
                # Of an unknown key it is told that it is none, whatever it holds.
                shown = key in kind.model_fields
                bare_here = bare and key not in kind.braced
                values[key] = self._field(value, kind, (*at, key), bare_here, shown)
        return values

    def _field(self, value: Any, kind: type[Entry], at: Steps, bare: bool, shown: bool) -> Any:
        later = at[-1] in kind.expanded_later
        named = references(value, bare=bare)
        missing = sorted(named - self._environ.keys())
        path = place(*self._path, *map(_step, at))
        hint = "" if bare else " (for the characters themselves write $${{{}}})"
        told = self._expansion.lacking if later else self._expansion.problems
        for name in missing:
            message = f"environment variable {name} is not set{hint.format(name)}"
            told.append(Problem(path, message, name))
        if missing and not later:
            self._expansion.unset.add(at)
        for name in sorted(filter(names_a_key, named)) if shown and not later else ():
            message = (
                f"environment variable {name} is a secret by its name, and what is written here is "
                "shown and reaches Envoy's bootstrap: keys belong in access_key, or in headers"
            )
            self._expansion.problems.append(Problem(path, message))
        if later:
            return value
        self._note_whole(value, at)
        return expanded(value, self._environ, set(), bare=bare)

    def _note_whole(self, value: Any, at: Steps) -> None:
        if isinstance(value, str) and reference(value.strip()):
            self._expansion.whole.add(at)
        for step, item in enumerate(value) if isinstance(value, list) else ():
            self._note_whole(item, (*at, step))


def _step(step: str | int) -> str | int:
    return step if isinstance(step, int) else str(step)
