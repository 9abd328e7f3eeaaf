"""What ``hedge`` says of a route: when its requests ask a second model besides the first."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema

from extproc.config.fields import Entry
from extproc.config.units import duration
from extproc.core.routes import Hedge

__all__ = ["Hedging", "HedgingOrNot", "hedge_of"]

_P95: Final = "p95"


def _after(value: object) -> str | float:
    if value == _P95:
        return _P95
    try:
        return duration(value)
    except ValueError:
        raise ValueError(
            f"must be {_P95}, or a duration up to seven days such as 800ms or 5s"
        ) from None


def _spelled_out(value: Any) -> Any:
    if isinstance(value, bool):
        return Hedging() if value else None
    return value


class Hedging(Entry):
    """When the next candidate is asked besides one that has shown nothing yet."""

    after: Annotated[
        str | float,
        BeforeValidator(_after),
        WithJsonSchema({"type": ["string", "number"], "examples": [_P95, "800ms"]}),
    ] = _P95


HedgingOrNot = Annotated[
    Hedging | None,
    BeforeValidator(_spelled_out),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"$ref": f"#/$defs/{Hedging.__name__}"}]}),
]


def hedge_of(hedging: Hedging) -> Hedge:
    """What such an entry means."""
    return Hedge(None if isinstance(hedging.after, str) else hedging.after)
