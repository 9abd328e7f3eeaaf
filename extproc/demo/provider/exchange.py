"""What a fake provider remembers of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint

__all__ = ["Exchange", "Headers", "header_value"]

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, as it arrived, and what was done with it.

    Attributes:
        method: the HTTP method.
        path: the request target, query included.
        headers: names, in lower case, and values, in received order.
        body: the whole body, freed from chunking.
        received_at: when the last byte of the request was in, by the monotonic clock.
        behaviour: how the provider set out to answer; for a request that it refused by itself (an
            unknown path, a body that is not JSON or that the real API would refuse), the error
            status that it answered.
        complaint: why it refused by itself; None if it did not.
    """

    method: str
    path: str
    headers: Headers
    body: bytes = field(repr=False)
    received_at: float
    behaviour: Behaviour
    complaint: Complaint | None = None

    @property
    def status(self) -> int | None:
        """The status answered; None where the connection breaks or stays silent instead."""
        return None if self.behaviour.before_headers else self.behaviour.status

    @property
    def json(self) -> Any:
        """The body, decoded anew each time."""
        return orjson.loads(self.body)

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case; None if it was not sent."""
        return header_value(self.headers, name.lower())


def header_value(headers: Headers, name: str) -> str | None:
    """The first value of a header, by its name in lower case; None if it is not there."""
    for known, value in headers:
        if known == name:
            return value
    return None
