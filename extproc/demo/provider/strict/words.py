"""Flaws in the words of the two families of providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict.flaw import Defect, Flaw, Step, Tag

__all__ = ["anthropic_complaint", "openai_complaint", "place"]

_INVALID = "invalid_request_error"
_NAMES: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
_TYPES = frozenset({*_NAMES.values(), "a number"})
_PYDANTIC: Mapping[str, str] = {
    "a string": "Input should be a valid string",
    "a boolean": "Input should be a valid boolean",
    "an integer": "Input should be a valid integer",
    "a number": "Input should be a valid number",
    "an array": "Input should be a valid list",
    "an object": "Input should be a valid dictionary",
}


def place(path: Sequence[Step]) -> str:
    """A path as OpenAI spells it: ``messages[0].content``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in _untagged(path))
    return "".join(steps).removeprefix(".")


def openai_complaint(flaw: Flaw) -> Complaint:
    """What OpenAI answers to a body with this flaw."""
    where = place(flaw.path)
    match flaw.defect:
        case Defect.UNKNOWN:
            code, message = "unknown_parameter", f"Unknown parameter: '{where}'."
        case Defect.MISSING:
            code, message = "missing_required_parameter", f"Missing required parameter: '{where}'."
        case Defect.VALUE:
            code = "invalid_value"
            known = _listed(_quoted_values(flaw))
            message = f"Invalid value: {_quoted(flaw.found)}. Supported values are: {known}."
        case Defect.TYPE:
            code = "invalid_type"
            wanted = flaw.expected if len(flaw.expected) < 2 else ("one of " + _listed(_few(flaw)),)
            found = _NAMES.get(type(flaw.found), "something else")
            message = (
                f"Invalid type for '{where}': expected {''.join(wanted)}, but got {found} instead."
            )
    return Complaint(message, type=_INVALID, code=code, param=where)


def anthropic_complaint(flaw: Flaw) -> Complaint:
    """What Anthropic answers to a body with this flaw."""
    where = ".".join(map(str, flaw.path)) or "body"
    match flaw.defect:
        case Defect.UNKNOWN:
            what = "Extra inputs are not permitted"
        case Defect.MISSING:
            what = "Field required"
        case Defect.VALUE:
            what = f"Input should be {_listed(_quoted_values(flaw), 'or')}"
        case Defect.TYPE:
            first = flaw.expected[0] if flaw.expected else ""
            what = _PYDANTIC.get(first, "Input is not valid")
    return Complaint(f"{where}: {what}", type=_INVALID)


def _untagged(path: Sequence[Step]) -> Sequence[Step]:
    return [step for step in path if not isinstance(step, Tag)]


def _few(flaw: Flaw) -> Sequence[str]:
    """The types that are expected, without the values that would do as well."""
    return [name for name in flaw.expected if name in _TYPES]


def _quoted_values(flaw: Flaw) -> Sequence[str]:
    return [f"'{value}'" for value in flaw.expected]


def _quoted(found: object) -> str:
    return f"'{found}'" if isinstance(found, str) else str(found)[:60]


def _listed(names: Sequence[str], conjunction: str = "and") -> str:
    *but_last, last = names or ("nothing",)
    return f"{', '.join(but_last)} {conjunction} {last}" if but_last else last
