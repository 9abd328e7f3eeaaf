"""Does a JSON value have the shape that an SDK's type definition promises?

The SDKs declare request bodies as ``TypedDict``s with unions that a ``type`` or a ``role`` tells
apart. Checks are made from them once, on first use, so that nobody has to copy lists of members
here; what follows from no type (orders, ranges, models) is for the dialects' own modules.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Union

import typing_extensions as te

from extproc.demo.provider.strict import values
from extproc.demo.provider.strict.flaw import Check, Defect, Flaw, Tag

__all__ = ["Shapes"]

_TAGS = ("type", "role")
_MOST_CHOICES = 200
# The SDKs have a type of their own for sequences that are no strings.
_ARRAYS = frozenset({"list", "Iterable", "Sequence", "SequenceNotStr"})


class Shapes:
    """Checks made from one SDK's declarations.

    Args:
        optional: members that a ``TypedDict`` declares as required, and the API does without.
        more: optional members, and their types, that an API has and a ``TypedDict`` does not.
    """

    def __init__(
        self,
        optional: Mapping[Any, frozenset[str]] | None = None,
        more: Mapping[Any, Mapping[str, Any]] | None = None,
    ) -> None:
        self._optional = optional or {}
        self._more = more or {}
        self._made: dict[Any, Check] = {}

    def record(self, declared: Any, more: Mapping[str, Any] | None = None) -> Check:
        """A check of JSON objects.

        Args:
            declared: a ``TypedDict``.
            more: optional members, and their types, that the API has and the SDK declares not at
                all or otherwise.
        """
        return _Record(self, declared, more or {})

    def of(self, hint: Any) -> Check:
        """A check of values of any declared type."""
        hint, _, _ = _peel(hint, "", False)
        known = self._made.get(hint)
        if known is None:
            known = self._made[hint] = self._make(hint)
        return known

    def optional(self, declared: Any) -> frozenset[str]:
        """The members of a ``TypedDict`` that the API does without, whatever it declares."""
        return self._optional.get(declared, frozenset())

    def _make(self, hint: Any) -> Check:
        origin, arguments = te.get_origin(hint), te.get_args(hint)
        if hint in (Any, object):
            return values.anything
        if hint in values.SCALARS:
            return values.scalar(*values.SCALARS[hint])
        if te.is_typeddict(hint):
            return self.record(hint, self._more.get(hint))
        if origin in (Union, types.UnionType):
            return _Union([self.of(branch) for branch in arguments])
        if origin is Literal:
            return values.literal(arguments)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return values.mapping(self.of(arguments[1]))
        if getattr(origin, "__name__", "") in _ARRAYS:
            return values.array(self.of(arguments[0]))
        return values.nothing


class _Record:
    __slots__ = ("_declared", "_members", "_more", "_open", "_required", "_shapes", "_tags")

    def __init__(self, shapes: Shapes, declared: Any, more: Mapping[str, Any]) -> None:
        self._shapes = shapes
        self._declared = declared
        self._more = more
        self._members: dict[str, Check] = {}
        self._required: tuple[str, ...] = ()
        self._tags: dict[str, frozenset[Any]] = {}
        config = getattr(declared, "__pydantic_config__", {})
        self._open = config.get("extra") == "allow"

    def __call__(self, value: Any) -> Flaw | None:
        if type(value) is not dict:
            return Flaw(Defect.TYPE, expected=("an object",), found=value)
        members = self._members or self._resolve()
        for name, member in value.items():
            check = members.get(name)
            if check is None:
                if self._open:
                    continue
                return Flaw(Defect.UNKNOWN, (name,))
            if (flaw := check(member)) is not None:
                return flaw.under(name)
        for name in self._required:
            if name not in value:
                return Flaw(Defect.MISSING, (name,))
        return None

    @property
    def tags(self) -> Mapping[str, frozenset[Any]]:
        """The values by which a union knows this record, by the member that holds them."""
        self._resolve()
        return self._tags

    def requires(self, name: str) -> bool:
        """Whether a member must be there."""
        self._resolve()
        return name in self._required

    def _resolve(self) -> Mapping[str, Check]:
        """Look at the declaration, on first use only: declarations refer to each other in rings."""
        if self._members:
            return self._members
        required = []
        optional = self._shapes.optional(self._declared)
        for declared_name, annotation in te.get_type_hints(
            self._declared, include_extras=True
        ).items():
            is_required = declared_name in self._declared.__required_keys__
            hint, name, is_required = _peel(annotation, declared_name, is_required)
            if te.get_origin(hint) is Literal and name in _TAGS:
                self._tags[name] = frozenset(te.get_args(hint))
            self._members[name] = self._shapes.of(hint)
            if is_required and name not in optional:
                required.append(name)
        for name, hint in self._more.items():
            self._members[name] = self._shapes.of(hint)
        self._required = tuple(required)
        return self._members


def _peel(hint: Any, name: str, required: bool) -> tuple[Any, str, bool]:
    """Take off ``Required`` and ``Annotated``; an annotation may know another name on the wire."""
    while True:
        origin = te.get_origin(hint)
        if origin in (te.Required, te.NotRequired):
            required = origin is te.Required
            (hint,) = te.get_args(hint)
        elif origin is te.Annotated:
            for note in hint.__metadata__:
                name = getattr(note, "alias", None) or name
            hint = te.get_args(hint)[0]
        else:
            return hint, name, required


class _Union:
    __slots__ = ("_chosen", "_others", "_records")

    def __init__(self, branches: Iterable[Check]) -> None:
        branches = list(branches)
        self._records = [branch for branch in branches if isinstance(branch, _Record)]
        self._others = [branch for branch in branches if not isinstance(branch, _Record)]
        self._chosen: dict[tuple[str | None, ...], list[_Record]] = {}

    def __call__(self, value: Any) -> Flaw | None:
        flaws: list[Flaw] = []
        for branch in self._others:
            if (flaw := branch(value)) is None:
                return None
            flaws.append(flaw)
        if self._records:
            if type(value) is dict:
                return self._among_records(value)
            flaws.append(Flaw(Defect.TYPE, expected=("an object",), found=value))
        return _worst(flaws)

    def _among_records(self, value: dict[str, Any]) -> Flaw | None:
        chosen = self._choose(value)
        if isinstance(chosen, Flaw):
            return chosen
        flaws = []
        for candidate in chosen:
            if (flaw := candidate(value)) is None:
                return None
            flaws.append(flaw)
        worst = _worst(flaws)
        tagged = "type" in value and len(self._records) > 1
        return worst.under(Tag(value["type"])) if tagged else worst

    def _choose(self, value: dict[str, Any]) -> list[_Record] | Flaw:
        """The branches that the tags of an object leave. Choices are kept: tags are few."""
        tags = tuple(value.get(name) for name in _TAGS)
        memorable = all(
            isinstance(tag, str) or name not in value for name, tag in zip(_TAGS, tags, strict=True)
        )
        if memorable and (known := self._chosen.get(tags)) is not None:
            return known
        candidates = self._records
        for name in _TAGS:
            candidates, flaw = _narrow(candidates, name, value)
            if flaw is not None:
                return flaw
        if memorable and len(self._chosen) < _MOST_CHOICES:
            self._chosen[tags] = candidates
        return candidates


def _narrow(
    candidates: list[_Record], name: str, value: Mapping[str, Any]
) -> tuple[list[_Record], Flaw | None]:
    """The branches of a union that a tag leaves, or what is wrong if it leaves none."""
    tagged = [candidate for candidate in candidates if name in candidate.tags]
    if not tagged:
        return candidates, None
    if name not in value:
        left = [candidate for candidate in candidates if not candidate.requires(name)]
        return left, None if left else Flaw(Defect.MISSING, (name,))
    tag = value[name]
    if not isinstance(tag, str):
        return [], Flaw(Defect.TYPE, (name,), ("a string",), tag)
    if matching := [candidate for candidate in tagged if tag in candidate.tags[name]]:
        return matching, None
    left = [candidate for candidate in candidates if name not in candidate.tags]
    known = sorted({str(tag) for candidate in tagged for tag in candidate.tags[name]})
    return left, None if left else Flaw(Defect.VALUE, (name,), tuple(known), tag)


def _worst(flaws: Sequence[Flaw]) -> Flaw:
    """The flaw of the branch that was most likely meant: the one that was found deepest."""
    deepest = max(flaws, key=lambda flaw: len(flaw.path))
    if deepest.path:
        return deepest
    of_value = [flaw for flaw in flaws if flaw.defect is Defect.VALUE]
    defect = Defect.VALUE if of_value and isinstance(deepest.found, str) else Defect.TYPE
    meant = of_value if defect is Defect.VALUE else flaws
    expected = tuple(dict.fromkeys(name for flaw in meant for name in flaw.expected))
    return Flaw(defect, (), expected, deepest.found)
