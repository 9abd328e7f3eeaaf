"""What a receipt holds, in words; what is not known is called unknown, never 0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from extproc.core.outcomes import StreamEnd
from extproc.core.own_replies import reply_code
from extproc.core.requirements import Ineligible
from extproc.core.response_flags import flags_in_words
from extproc.ranking.bounds import TOO_SLOW
from extproc.ranking.policies import Unit

__all__ = [
    "age",
    "dollars",
    "ineligibility",
    "milliseconds",
    "notes",
    "outcome",
    "printable",
    "rank_value",
    "spent",
    "status_in_words",
    "tokens",
]

_UNKNOWN: Final = "unknown"
_CONTROL: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
"""What moves the cursor, ends the line or turns the direction of what stands around it."""
_UNITS: Final[Mapping[str, str]] = {
    Unit.USD_PER_MILLION: "$/million tokens",
    Unit.USD: "$",
    Unit.SECONDS: "s",
}
_INELIGIBLE: Final[Mapping[str, str]] = {
    Ineligible.CONTEXT_WINDOW: "cannot hold the request",
    Ineligible.IMAGES: "takes no images",
    Ineligible.DOCUMENTS: "takes no documents",
    Ineligible.TOOLS: "takes no tools",
    Ineligible.TOOL_REASONING: "takes no tools with an effort",
}
_STREAM_ENDS: Final[Mapping[str, str]] = {
    StreamEnd.ERROR: "broke off with an error",
    StreamEnd.UNFINISHED: "ended without its end",
    StreamEnd.STALLED: "fell silent",
}
_PARTS_OF_INPUT: Final[Mapping[str, str]] = {
    "cached_tokens": "cached",
    "cache_write_tokens": "to the cache",
    "input_audio_tokens": "audio",
}
_PARTS_OF_OUTPUT: Final[Mapping[str, str]] = {
    "reasoning_tokens": "thought",
    "output_audio_tokens": "audio",
}
_AGES: Final = ((86_400, "d"), (3600, "h"), (60, "min"))


def printable(value: Any) -> Any:
    """The same without control characters in any text of it."""
    match value:
        case str():
            return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {key: printable(item) for key, item in value.items()}
        case list():
            return [printable(item) for item in value]
        case _:
            return value


def rank_value(ranked_by: Mapping[str, Any]) -> str:
    """What a candidate was ranked by, with its unit."""
    unit = ranked_by["unit"]
    return f"{_plain(ranked_by['value'], 6)} {_UNITS.get(unit, unit)}"


def ineligibility(reason: str | None) -> str | None:
    """Why a candidate went behind the others, None if it did not."""
    return None if reason is None else _INELIGIBLE.get(reason, reason)


def notes(candidate: Mapping[str, Any]) -> Iterator[str]:
    """What else there is to say of a candidate's place."""
    if (reason := ineligibility(candidate["ineligible"])) is not None:
        yield reason
    if (code := candidate["reluctant"]) is not None:
        yield f"translated only with {code}"
    if candidate["cooldown"] is not None:
        yield candidate["cooldown"]
    if candidate["explored"]:
        yield "to be measured"
    # A sidecar of an earlier version does not tell.
    if candidate.get("drawn"):
        yield "drawn by weight"


def status_in_words(status: int) -> str:
    """What a client or a model got; 0 is none."""
    return str(status) if status else "client gone"


def outcome(attempt: Mapping[str, Any]) -> str:
    """How an attempt ended: its status, and what that does not tell."""
    # A sidecar of an earlier version does not tell.
    if attempt.get("lost"):
        return "given up: another was first"
    said = status_in_words(attempt["status"])
    if flags := flags_in_words(attempt["flags"]):
        said += f" {flags}"
    if reply_code(attempt["details"]) == TOO_SLOW:
        said += ", too slow for the time that was left"
    # A sidecar of an earlier version has no limits.
    if (limit := attempt.get("limit")) is not None:
        said += f", by our limit {limit}"
    end = attempt["stream_end"]
    if end not in (None, StreamEnd.FINISHED):
        said += f", stream {_STREAM_ENDS.get(end, end)}"
    if attempt["retry_after_s"] is not None:
        said += f", retry after {attempt['retry_after_s']:g} s"
    return said


def age(seconds: float | None) -> str:
    """How old a figure was."""
    if seconds is None:
        return _UNKNOWN
    for length, unit in _AGES:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def milliseconds(amount: float | None) -> str:
    """A duration; from ten seconds on in seconds."""
    if amount is None:
        return _UNKNOWN
    if amount >= 10_000:
        return f"{amount / 1000:.1f} s"
    return f"{amount:.3g} ms" if amount < 100 else f"{amount:.0f} ms"


def dollars(amount: float | None) -> str:
    """An amount of money."""
    if amount is None:
        return _UNKNOWN
    return f"${amount:.2f}" if amount >= 1 or amount == 0 else f"${_plain(amount, 3)}"


def tokens(usage: Mapping[str, int | None]) -> str:
    """What went in and came out."""
    given, made = usage["input_tokens"], usage["output_tokens"]
    if given is None and made is None:
        return _UNKNOWN
    return (
        f"{_count(given)} in{_of_these(usage, _PARTS_OF_INPUT)}, "
        f"{_count(made)} out{_of_these(usage, _PARTS_OF_OUTPUT)}"
    )


def spent(told: Mapping[str, Any]) -> tuple[str, str]:
    """The tokens and the cost of a request or an attempt, for where no heading names them."""
    used, paid = tokens(told["usage"]), dollars(told["cost_usd"])
    return (
        f"tokens {used}" if used == _UNKNOWN else used,
        f"cost {paid}" if paid == _UNKNOWN else paid,
    )


def _of_these(usage: Mapping[str, int | None], parts: Mapping[str, str]) -> str:
    # A sidecar of an earlier version does not tell all of them.
    told = [f"{usage[part]} {words}" for part, words in parts.items() if usage.get(part)]
    return f" ({', '.join(told)})" if told else ""


def _plain(amount: float, digits: int) -> str:
    """Without an exponent: 0.0000012, not 1.2e-06."""
    return format(Decimal(f"{amount:.{digits}g}"), "f")


def _count(amount: int | None) -> str:
    return _UNKNOWN if amount is None else str(amount)
