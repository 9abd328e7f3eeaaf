"""What comes of a request: what is expected of it, and what was seen, in the same terms."""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["Attempt", "Mismatch", "Outcome", "mismatches"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one model.

    Attributes:
        model: the model's declared name.
        status: what the attempt counts as: the provider's status, or 503 where it gave none.
        why: what went wrong where the provider's status does not say it, else empty.
    """

    model: str
    status: int
    why: str = ""

    def __str__(self) -> str:
        said = f"{self.model.rpartition('/')[2]} {self.status}"
        return f"{said} ({self.why})" if self.why else said


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a request.

    Attributes:
        route: the route that the prompt matched; None: no route did.
        ranked: the candidates, best first.
        attempts: what Envoy tried, in order.
        answered_by: the model whose answer the client got; None where nothing was forwarded.
        client_saw: the text of the answer, or the error that the client's SDK raised.
        pinned: whether the model is the one that the session keeps.
    """

    route: str | None
    ranked: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    answered_by: str | None
    client_saw: str
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as expected."""

    what: str
    expected: str
    seen: str


def mismatches(expected: Outcome, seen: Outcome) -> tuple[Mismatch, ...]:
    """Everything in which what was seen differs from what was expected."""
    found = []
    for field in fields(Outcome):
        hoped, got = getattr(expected, field.name), getattr(seen, field.name)
        if hoped != got:
            found.append(Mismatch(field.name.replace("_", " "), _spelled(hoped), _spelled(got)))
    return tuple(found)


def _spelled(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "none"
    return "none" if value is None else str(value)
