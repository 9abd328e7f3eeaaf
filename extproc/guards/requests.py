"""The guards of requests: each looks in its turn, at what those before it have made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extproc.core.guards import GuardReport, GuardSettings, Side, Unguarded
from extproc.errors import ClientError
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    InputGuard,
    Observed,
    OutputGuard,
    Replaced,
)
from extproc.guards.looks import Look

__all__ = ["AnswerLook", "Guarded", "InputPlace", "OutputPlace", "RequestGuards"]


class InputPlace(NamedTuple):
    """A guard of requests and its settings."""

    settings: GuardSettings
    guard: InputGuard


class OutputPlace(NamedTuple):
    """A guard of answers and its settings."""

    settings: GuardSettings
    guard: OutputGuard


class AnswerLook(NamedTuple):
    """A guard of one answer and its settings."""

    settings: GuardSettings
    guard: AnswerGuard


@dataclass(frozen=True, slots=True)
class Guarded:
    """A request that may go on.

    ``body`` is what its guards have made of it, None where they left it alone. ``answer`` are those
    who look at its answer, in their order.
    """

    body: bytes | None = None
    answer: tuple[AnswerLook, ...] = ()


class RequestGuards:
    """All guards of one configuration."""

    def __init__(
        self,
        inputs: Sequence[InputPlace],
        outputs: Sequence[OutputPlace],
        tell: Callable[[GuardReport], None],
        unguarded: Unguarded = Unguarded.REFUSE,
    ) -> None:
        """
        Args:
            inputs: those that look at requests, in their order.
            outputs: those that look at all answers, in their order.
            tell: is called with what they have said; it must return at once.
            unguarded: whether requests pass of which they cannot see all that they guard.
        """
        self._inputs = tuple(inputs)
        self._outputs = tuple(outputs)
        self._unguarded = unguarded
        self.tell = tell

    @property
    def look_at_requests(self) -> bool:
        """Whether there are guards that look at requests."""
        return bool(self._inputs)

    @property
    def look_at_answers(self) -> bool:
        """Whether there are guards that look at all answers."""
        return bool(self._outputs)

    @property
    def may_look_at_answers(self) -> bool:
        """Whether some answer may be looked at."""
        return bool(self._outputs) or any(
            place.settings.may_change_answers for place in self._inputs
        )

    def unseen(self, what: str) -> None:
        """Something of a request cannot be shown to its guards.

        Args:
            what: what it is, for the client.

        Raises:
            ClientError: then it does not pass (400).
        """
        if self._unguarded is Unguarded.REFUSE:
            raise ClientError(
                400,
                f"{what} cannot be looked at by the guards that are configured here, so this "
                "request does not pass. Let such requests pass with dragoman.unguarded: pass.",
                code="not_guarded",
            )

    def answering(self, request: GuardedRequest) -> tuple[AnswerLook, ...]:
        """Those who look at all answers, for the one to this request."""
        return tuple(
            AnswerLook(settings, guard.answering(request)) for settings, guard in self._outputs
        )

    async def look(self, request: GuardedRequest) -> Guarded:
        """Show a request to its guards.

        Whoever looks at the answer for a guard of the request comes after the guards of answers,
        the last guard's first: what the first one has changed is undone last.

        Raises:
            ClientError: one of them has blocked it (with a status from 400 on), or has failed and
                must not (503).
        """
        looks: list[Look] = []
        left: list[AnswerLook] = []
        changed = request
        try:
            for settings, guard in self._inputs:
                look = Look(settings, Side.INPUT, request.request_id)
                looks.append(look)
                verdict = await look.at(guard.look(changed))
                look.findings = verdict.findings
                if isinstance(verdict, Blocked):
                    raise look.blocked(verdict)
                if isinstance(verdict, Observed):
                    look.observed()
                if isinstance(verdict, Replaced) and verdict.body != changed.body:
                    look.changed()
                    changed = changed.with_body(verdict.body)
                if verdict.answer is not None:
                    left.append(AnswerLook(settings, verdict.answer))
        finally:
            if looks:
                self.tell(GuardReport(request.request_id, tuple(look.told() for look in looks)))
        body = None if changed is request else changed.body
        return Guarded(body, (*self.answering(changed), *reversed(left)))
