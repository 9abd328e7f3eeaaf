"""References to environment variables, and the ``.env`` file beside a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

__all__ = ["ends_with_reference", "expanded", "reference", "references", "surroundings"]

_WHOLE: Final = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", re.ASCII)
_ESCAPE: Final = "$${"
_BRACED: Final = re.compile(r"\$\$\{|\$\{([A-Za-z_]\w*)\}()", re.ASCII)
_ANY: Final = re.compile(r"\$\$\{|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", re.ASCII)


def surroundings(config: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that a configuration may name: ``.env`` beside it, then the process's own.

    Values in ``.env`` are taken as they stand: a ``$`` in one is a ``$``.

    Raises:
        OSError, UnicodeDecodeError: ``.env`` is there but cannot be read.
    """
    beside = config.parent / ".env"
    from_file = dotenv_values(beside, interpolate=False) if beside.is_file() else {}
    return {name: value for name, value in from_file.items() if value is not None} | dict(environ)


def reference(text: str) -> str | None:
    """The variable that ``text`` names, where it is ``$NAME`` or ``${NAME}`` and nothing else."""
    match = _WHOLE.fullmatch(text)
    return (match[1] or match[2]) if match else None


def ends_with_reference(text: str) -> tuple[str, str | None]:
    """``Bearer $NAME`` is ``Bearer `` and ``NAME``; anything else is itself and no variable."""
    references = list(_WHOLE.finditer(text))
    if len(references) != 1 or references[0].end() != len(text):
        return text, None
    (match,) = references
    return text[: match.start()], match[1] or match[2]


def expanded(
    value: Any, environ: Mapping[str, str], missing: set[str], *, bare: bool = True
) -> Any:
    """``value`` with every reference in its strings replaced, however deep they lie.

    Names of variables that are not set are added to ``missing``; their references stay.

    Args:
        value: what a file holds.
        environ: the environment.
        missing: gets the names.
        bare: whether ``$NAME`` is a reference, as ``${NAME}`` is; ``$${`` is ``${`` itself.
    """

    def replace(match: re.Match[str]) -> str:
        if match[0] == _ESCAPE:
            return match[0][1:]
        name = match[1] or match[2]
        if name in environ:
            return environ[name]
        missing.add(name)
        return match[0]

    pattern = _ANY if bare else _BRACED
    match value:
        case str():
            return pattern.sub(replace, value)
        case dict():
            return {key: expanded(item, environ, missing, bare=bare) for key, item in value.items()}
        case list():
            return [expanded(item, environ, missing, bare=bare) for item in value]
        case _:
            return value


def references(value: Any, *, bare: bool) -> set[str]:
    """The variables that the strings in ``value`` refer to; arguments as for ``expanded``."""
    named: set[str] = set()
    expanded(value, {}, named, bare=bare)
    return named
