"""Keys by which a file guards its requests and that are not acted on where they stand.

Filters are acted on where a listener of type model names them, and nowhere else. Whoever writes a
guard relies on it, and a warning among others is easily missed. So a file that has one which is not
acted on is refused until it says by ``dragoman.acknowledge_ignored`` that this is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

from extproc.core.problems import Problem, place

__all__ = [
    "STILL_IGNORED",
    "Guard",
    "needlessly_acknowledged",
    "still_ignored",
    "unacknowledged",
]

Guard: TypeAlias = Literal["input_filters", "output_filters", "prompt_guards", "ratelimits"]

_ACTED_ON: Final = frozenset({"prompt_guards", "ratelimits"})
"""What files of before may still say that they know to be ignored: their section sees to that."""

_GUARDS: Final[Mapping[str, Guard]] = {
    **{guard: guard for guard in get_args(Guard) if guard not in _ACTED_ON},
    "filter_chain": "input_filters",
}
"""The keys that guard, each with the word that acknowledges it. ``filter_chain`` is an older name
of ``input_filters``."""


def unacknowledged(root: Mapping[Any, Any], acknowledged: Collection[Guard]) -> Iterator[Problem]:
    """Every guard of a file that it does not acknowledge as ignored; an empty one guards nothing.

    Args:
        root: what the file holds.
        acknowledged: the value of ``dragoman.acknowledge_ignored``.
    """
    for path, owner in _owners(root):
        for key, guard in _GUARDS.items():
            if owner.get(key) and guard not in acknowledged and not _acts(path, owner):
                message = (
                    "would guard requests, and Dragoman does not act on it: remove it, or go on "
                    f"without it by adding {guard} to dragoman.acknowledge_ignored"
                )
                yield Problem(place(*path, key), message)


STILL_IGNORED: Final = "ignored, as dragoman.acknowledge_ignored says: take it out there to have it"


def still_ignored(root: Mapping[Any, Any], guard: Guard) -> bool:
    """Whether a file has a guard and was written when nothing acted on it, and says that it shall
    be so."""
    extension = root.get("dragoman")
    named = extension.get("acknowledge_ignored") if isinstance(extension, dict) else None
    return bool(root.get(guard)) and isinstance(named, list) and guard in named


def needlessly_acknowledged(
    root: Mapping[Any, Any], acknowledged: Collection[Guard]
) -> Iterator[Problem]:
    """Every guard that a file acknowledges as ignored and that is acted on all the same.

    Args:
        root: what the file holds.
        acknowledged: the value of ``dragoman.acknowledge_ignored``.
    """
    for path, owner in _owners(root):
        for key, guard in _GUARDS.items():
            if owner.get(key) and guard in acknowledged and _acts(path, owner):
                message = "is acted on, although dragoman.acknowledge_ignored says that it is not"
                yield Problem(place(*path, key), message)


def _acts(path: tuple[str | int, ...], owner: Mapping[Any, Any]) -> bool:
    """Whether a guard of filters is acted on in this place."""
    return len(path) == 2 and path[0] == "listeners" and owner.get("type") == "model"


def _owners(root: Mapping[Any, Any]) -> Iterator[tuple[tuple[str | int, ...], Mapping[Any, Any]]]:
    """Every mapping of a file that may hold a guard, with its place."""
    yield (), root
    yield from _mappings(root.get("agents"), "agents")
    for path, listener in _mappings(root.get("listeners"), "listeners"):
        yield path, listener
        yield from _mappings(listener.get("agents"), *path, "agents")


def _mappings(
    raw: Any, *path: str | int
) -> Iterator[tuple[tuple[str | int, ...], Mapping[Any, Any]]]:
    """The mappings in a list, or, as in the older form of ``listeners``, in a mapping."""
    steps = (
        raw.items() if isinstance(raw, dict) else enumerate(raw if isinstance(raw, list) else ())
    )
    for step, item in steps:
        if isinstance(item, dict):
            yield (*path, step), item
