"""What ``failover`` says, of all requests and of a route's: after which errors they move on."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from extproc.config.fields import Entry
from extproc.core.failover import DEFAULT_POLICY, SERVER_ERRORS, FailoverPolicy

__all__ = ["Failover", "policy"]

_STATUSES: Final = range(400, 600)
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SERVER_ERRORS: Final = FailoverPolicy(statuses=SERVER_ERRORS)
_WORDS: Final = MappingProxyType({"default": DEFAULT_POLICY, "5xx": _SERVER_ERRORS})
"""Items of the list that stand for several."""


def _error(item: object) -> int | str:
    if isinstance(item, int) and not isinstance(item, bool) and item in _STATUSES:
        return item
    if isinstance(item, str) and (item in _WORDS or _CODE.fullmatch(item)):
        return item
    raise ValueError(
        "must be a status from 400 to 599, 5xx, the code of an error (context_length_exceeded), "
        "or default for what moves on without this list"
    )


class Failover(Entry):
    """After which errors of a provider a request moves on to its next candidate."""

    on: list[
        Annotated[
            int | str,
            BeforeValidator(_error),
            WithJsonSchema(
                {
                    "anyOf": [
                        {"type": "integer", "minimum": _STATUSES[0], "maximum": _STATUSES[-1]},
                        {"enum": [*_WORDS]},
                        {"type": "string", "pattern": f"^{_CODE.pattern}$"},
                    ]
                }
            ),
        ]
    ] = Field(max_length=100)


def policy(failover: Failover) -> FailoverPolicy:
    """What such an entry means."""
    meant = [_meant(item) for item in failover.on]
    return FailoverPolicy(
        statuses=tuple(sorted({status for one in meant for status in one.statuses})),
        codes=tuple(sorted({code for one in meant for code in one.codes})),
    )


def _meant(item: int | str) -> FailoverPolicy:
    if isinstance(item, int):
        return FailoverPolicy(statuses=(item,))
    return _WORDS.get(item) or FailoverPolicy(statuses=(), codes=(item,))
