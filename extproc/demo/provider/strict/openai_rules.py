"""Rules that OpenAI's two dialects share, and how they word what breaks them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict.schemas import openai_fault

__all__ = [
    "Fault",
    "complaint_of",
    "function_fault",
    "metadata_faults",
    "range_faults",
    "schema_fault",
    "too_long",
    "unsupported",
    "unsupported_value",
]

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_METADATA = 16
_LONGEST: Mapping[str, int] = {"safety_identifier": 64, "prompt_cache_key": 64}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a body of the right shape."""

    message: str
    param: str | None = None
    code: str | None = None
    status: int = 400


def complaint_of(faults: Iterator[Fault]) -> Complaint | None:
    """The complaint about the first fault; None if there is none."""
    fault = next(faults, None)
    if fault is None:
        return None
    return Complaint(
        fault.message,
        status=fault.status,
        type="invalid_request_error",
        code=fault.code,
        param=fault.param,
    )


def unsupported(name: str, advice: str = "") -> Fault:
    """A parameter that the model does not take."""
    message = f"Unsupported parameter: '{name}' is not supported with this model. {advice}".strip()
    return Fault(message, name, "unsupported_parameter")


def unsupported_value(name: str, value: object, known: Sequence[str]) -> Fault:
    """A value that other models take."""
    names = ", ".join(f"'{one}'" for one in known)
    return Fault(
        f"Unsupported value: '{name}' does not support '{value}' with this model. Supported values "
        f"are: {names}.",
        name,
        "unsupported_value",
    )


def too_long(where: str, text: str, most: int) -> Iterator[Fault]:
    """A text longer than ``most`` characters."""
    if len(text) > most:
        yield Fault(
            f"Invalid '{where}': string too long. Expected a string with maximum length {most}, "
            f"but got a string with length {len(text)} instead.",
            where,
            "string_above_max_length",
        )


def range_faults(
    body: Mapping[str, Any], ranges: Mapping[str, tuple[float, float]]
) -> Iterator[Fault]:
    """Numbers out of their range."""
    for name, (least, most) in ranges.items():
        value = body.get(name)
        if value is None or least <= value <= most:
            continue
        kind = "decimal" if isinstance(value, float) else "integer"
        side, bound = ("below_min", least) if value < least else ("above_max", most)
        relation = ">=" if value < least else "<="
        yield Fault(
            f"Invalid '{name}': {kind} {side.replace('_', ' ')}imum value. Expected a value "
            f"{relation} {bound}, but got {value} instead.",
            name,
            f"{kind}_{side}_value",
        )
    for name, longest in _LONGEST.items():
        yield from too_long(name, body.get(name) or "", longest)
    yield from metadata_faults(body.get("metadata") or {})


def metadata_faults(metadata: Mapping[str, str]) -> Iterator[Fault]:
    """At most 16 pairs, keys of 64 and values of 512 characters."""
    if len(metadata) > _MOST_METADATA:
        yield Fault(
            f"Invalid 'metadata': too many properties. Expected an object with at most "
            f"{_MOST_METADATA} properties, but got {len(metadata)} instead.",
            "metadata",
            "object_above_max_properties",
        )
    for key, value in metadata.items():
        yield from too_long("metadata", key, 64)
        yield from too_long(f"metadata.{key}", value, 512)


def function_fault(where: str, function: Mapping[str, Any]) -> Iterator[Fault]:
    """A function's name, and its parameters if they are to be followed strictly."""
    yield from _name_fault(f"{where}.name", function["name"])
    parameters = function.get("parameters")
    if parameters and parameters.get("type") != "object":
        yield Fault(
            f"Invalid schema for function '{function['name']}': schema must be a JSON Schema of "
            f"'type: \"object\"', got 'type: \"{parameters.get('type')}\"'.",
            f"{where}.parameters",
            "invalid_function_parameters",
        )
    if function.get("strict") and (fault := openai_fault(parameters or {})):
        yield Fault(
            f"Invalid schema for function '{function['name']}': {fault}",
            f"{where}.parameters",
            "invalid_function_parameters",
        )


def schema_fault(where: str, form: Mapping[str, Any]) -> Iterator[Fault]:
    """The schema of a structured answer, and its name."""
    yield from _name_fault(f"{where}.name", form["name"])
    if form.get("strict") and (fault := openai_fault(form.get("schema") or {})):
        yield Fault(
            f"Invalid schema for response_format '{form['name']}': {fault}", where.split(".")[0]
        )


def _name_fault(where: str, name: str) -> Iterator[Fault]:
    yield from too_long(where, name, 64)
    if not _NAME.fullmatch(name):
        yield Fault(
            f"Invalid '{where}': string does not match pattern. Expected a string that matches the "
            "pattern '^[a-zA-Z0-9_-]+$'.",
            where,
            "invalid_value",
        )
