"""Checks of JSON values that refer to no others: scalars, literals, arrays, maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extproc.demo.provider.strict.flaw import Check, Defect, Flaw

__all__ = ["SCALARS", "anything", "array", "literal", "mapping", "nothing", "scalar"]

SCALARS: Mapping[Any, tuple[str, tuple[type, ...]]] = {
    str: ("a string", (str,)),
    bool: ("a boolean", (bool,)),
    int: ("an integer", (int,)),
    float: ("a number", (int, float)),
    type(None): ("null", (type(None),)),
}


def anything(_: Any) -> Flaw | None:
    return None


def nothing(value: Any) -> Flaw | None:
    """Files and models of Python's, which the SDKs take and no JSON holds."""
    return Flaw(Defect.TYPE, found=value)


def scalar(name: str, kinds: tuple[type, ...]) -> Check:
    def check(value: Any) -> Flaw | None:
        return None if type(value) in kinds else Flaw(Defect.TYPE, expected=(name,), found=value)

    return check


def literal(values: Sequence[Any]) -> Check:
    expected = tuple(str(value) for value in values)

    def check(value: Any) -> Flaw | None:
        return None if value in values else Flaw(Defect.VALUE, expected=expected, found=value)

    return check


def mapping(of: Check) -> Check:
    def check(value: Any) -> Flaw | None:
        if type(value) is not dict:
            return Flaw(Defect.TYPE, expected=("an object",), found=value)
        return next((f.under(name) for name, member in value.items() if (f := of(member))), None)

    return check


def array(of: Check) -> Check:
    def check(value: Any) -> Flaw | None:
        if type(value) is not list:
            return Flaw(Defect.TYPE, expected=("an array",), found=value)
        return next((f.under(index) for index, item in enumerate(value) if (f := of(item))), None)

    return check
