"""Which wildcard covers a name that no entry declares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from extproc.core.models import WILDCARD

__all__ = ["Covered", "Families", "Wildcards", "listed_as", "wildcards"]

Families: TypeAlias = Mapping[str, tuple[str, ...]]
"""By providers' names: what the ids of their models look like, in patterns of :mod:`fnmatch`."""

_END: Final = f"/{WILDCARD}"
_LONGEST: Final = 256
"""The most characters of a model's id: it travels in headers."""
_NO_IDS: Final = frozenset({"", WILDCARD, ".", ".."})
"""Names of folders would lead to another path, where ids are part of it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A model that a wildcard entry stands for, under the one name that always finds it again."""

    entry: str
    name: str
    model_id: str


def _prefix(entry: str) -> str:
    return entry.removesuffix(_END)


def listed_as(entry: str) -> str:
    """How a wildcard entry is told to clients: ``openai/*``, also where its name has no star."""
    return f"{_prefix(entry)}{_END}"


@dataclass(frozen=True, slots=True)
class Wildcards:
    """The wildcard entries, by the prefix of their own name and by their provider.

    ``families`` tell to which providers a bare id may belong.
    """

    by_name: Mapping[str, str] = field(default_factory=dict)
    by_provider: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    families: Families = field(default_factory=dict)

    @property
    def declared(self) -> tuple[str, ...]:
        """The names of all wildcard entries."""
        return tuple(name for names in self.by_provider.values() for name in names)

    def named(self, reference: str) -> Covered | None:
        """What a name stands for by the name of an entry alone."""
        fitting = [prefix for prefix in self.by_name if _rest(reference, prefix)]
        longest = max(fitting, key=len, default=None)
        return None if longest is None else self._covered(longest, _rest(reference, longest))

    def find(self, reference: str) -> tuple[Covered, ...]:
        """What a name may stand for: none, one, one of each key of the same provider, or one of
        each provider that has a family for it."""
        if (own := self.named(reference)) is not None:
            return (own,)
        provider = reference.partition("/")[0]
        if model_id := _rest(reference, provider):
            return self._served_by(self.by_provider.get(provider, ()), model_id)
        fitting = (
            entry
            for provider, entries in self.by_provider.items()
            if _is_of_a_family(reference, self.families.get(provider, ()))
            for entry in entries
        )
        return self._served_by(fitting, reference)

    def _served_by(self, entries: Iterable[str], model_id: str) -> tuple[Covered, ...]:
        return tuple(self._covered(_prefix(entry), model_id) for entry in entries)

    def _covered(self, prefix: str, model_id: str) -> Covered:
        return Covered(self.by_name[prefix], f"{prefix}/{model_id}", model_id)


def _is_of_a_family(model_id: str, patterns: Iterable[str]) -> bool:
    return len(model_id) <= _LONGEST and any(fnmatchcase(model_id, pattern) for pattern in patterns)


def _rest(reference: str, prefix: str) -> str:
    """The model's id in a name that begins with ``prefix``; empty if there is none."""
    model_id = reference.removeprefix(f"{prefix}/")
    usable = model_id != reference and model_id not in _NO_IDS and len(model_id) <= _LONGEST
    return model_id if usable else ""


def wildcards(entries: Iterable[tuple[str, str]], families: Families | None = None) -> Wildcards:
    """The wildcards among entries.

    Args:
        entries: the name and the model (``provider/model_id``) of each.
        families: by providers' names, the bare ids that their wildcards cover.
    """
    found = [(name, model.removesuffix(_END)) for name, model in entries if model.endswith(_END)]
    by_provider: defaultdict[str, list[str]] = defaultdict(list)
    for name, provider in found:
        by_provider[provider].append(name)
    return Wildcards(
        {_prefix(name): name for name, _ in found},
        {provider: tuple(names) for provider, names in by_provider.items()},
        families or {},
    )
