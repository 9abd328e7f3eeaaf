"""What is wrong with a configuration, told so that an operator can mend it and no key gets out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

__all__ = [
    "ConfigError",
    "Problem",
    "holds_key",
    "masked",
    "masked_text",
    "nearest",
    "place",
    "told_once",
]

# Keys are written as access_key, but they also end up in the wrong place; these are their shapes.
_KEY_SHAPED: Final = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|csk|fw|tgp|pplx|ghp)[-_][A-Za-z0-9._-]{3,}[A-Za-z0-9]"
    r"|\bAIza[A-Za-z0-9_-]{8,}"
    r"|\beyJ[A-Za-z0-9._-]{8,}[A-Za-z0-9]"
    r"|\b(?=[A-Za-z]*[0-9])[A-Za-z0-9]{28,}\b"
)
_FEW: Final = 3
_PLAIN: Final = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the place in the file (``model_providers[2].model``; "" is all
    of it). ``variable`` is the environment variable that is at fault; None: the file is."""

    path: str
    message: str
    variable: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConfigError(Exception):
    """A configuration that cannot be used, with every problem that was found in it."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__(source, self.problems)

    def __str__(self) -> str:
        return "\n".join(f"{self.source}: {problem}" for problem in self.problems)


def masked(problem: Problem, secrets: Iterable[str] = ()) -> Problem:
    """The same problem without the given secrets and without anything that looks like a key."""
    known = tuple(secrets)
    path, message = masked_text(problem.path, known), masked_text(problem.message, known)
    return replace(problem, path=path, message=message)


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The same text without the given secrets and without anything that looks like a key."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return _KEY_SHAPED.sub("***", text)


def holds_key(text: str) -> bool:
    """Whether something in the text looks like a key."""
    return _KEY_SHAPED.search(text) is not None


def told_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The same problems, each of a variable once: its path names the places that refer to it."""
    places: dict[Problem, list[str]] = {}
    for each in dict.fromkeys(problems):
        about = each if each.variable is None else replace(each, path="")
        places.setdefault(about, []).append(each.path)
    for about, paths in places.items():
        more = len(paths) - _FEW
        shown = ", ".join(paths[:_FEW]) + (f" and {more} more" if more > 0 else "")
        yield replace(about, path=shown)


def place(*steps: str | int) -> str:
    """Write a path: ``place("model_providers", 2, "model")`` is ``model_providers[2].model``."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            path += f".{step}" if path else step
        else:
            path += f'["{step}"]'
    return path


def nearest(word: str, known: Sequence[str], *, alike: float = 0.6) -> str | None:
    """The known word that ``word`` was probably meant to be.

    Args:
        word: what is written.
        known: what may be.
        alike: from 0 to 1, how like it the other must be.
    """
    matches = get_close_matches(word.lower(), known, n=1, cutoff=alike)
    return matches[0] if matches else None
