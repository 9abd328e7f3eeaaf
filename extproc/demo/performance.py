"""A scenario, performed: what was seen, and in what it differs from what was expected."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extproc.demo.access_log import AccessLog
from extproc.demo.explanation import IncompleteError, receipt
from extproc.demo.outcome import Attempt, Mismatch, Outcome, mismatches
from extproc.demo.scenario import Scenario
from extproc.demo.stage import Stage

if TYPE_CHECKING:  # the SDKs take their time to load
    from extproc.demo.clients import Clients, Decision, Reply

__all__ = ["Performance", "perform"]


@dataclass(frozen=True, slots=True)
class Performance:
    """A scenario and what came of it.

    ``milliseconds`` is the request's time in Envoy, from its first byte to the answer's last;
    None if Envoy logged none. ``receipt`` is what there is to explain, if anything.
    """

    scenario: Scenario
    seen: Outcome
    milliseconds: int | None
    mismatches: tuple[Mismatch, ...]
    receipt: Mapping[str, Any] | None = None

    @property
    def held(self) -> bool:
        """Whether everything was as expected."""
        return not self.mismatches


async def perform(
    scenario: Scenario, stage: Stage, clients: Clients, log: AccessLog
) -> Performance:
    """Send a scenario's request, ask for the decision alone as well, and compare."""
    ask = scenario.ask
    with stage.behaving(scenario.behaviours):
        # Asked for first, the decision would begin the session in the request's stead.
        later = ask.session is not None and not ask.decision_only
        decision = None if later else await clients.decide(ask)
        started = time.monotonic()
        reply = None if ask.decision_only else await clients.send(ask)
        waited = time.monotonic() - started
        journey = await log.journey(decision_only=ask.decision_only)
        if decision is None:
            decision = await clients.decide(ask)
            await log.journey(decision_only=True)
    attempts = journey.attempts if journey else ()
    seen = _outcome(decision, reply, attempts)
    found = list(mismatches(scenario.expected, seen))
    if reply is not None and decision.error is None and reply.route != decision.route:
        found.append(Mismatch("decision alone", str(reply.route), str(decision.route)))
    if waited > scenario.within:
        found.append(Mismatch("wait", f"{scenario.within:g} s at most", f"{waited:.1f} s"))
    if journey is None:
        found.append(Mismatch("access log", "the request's lines", "none"))
    told = None
    if scenario.explained and reply is not None:
        try:
            told = await receipt(stage.admin_url, reply.trace_id or "", attempts)
        except IncompleteError as error:
            found.append(Mismatch("receipt", "a complete one", str(error)))
    milliseconds = journey.milliseconds if journey else None
    return Performance(scenario, seen, milliseconds, tuple(found), told)


def _outcome(decision: Decision, reply: Reply | None, attempts: tuple[Attempt, ...]) -> Outcome:
    if reply is None:
        saw = decision.error or "the decision"
        return Outcome(decision.route, decision.models, attempts, None, saw, decision.pinned)
    return Outcome(reply.route, decision.models, attempts, reply.model, reply.text, reply.pinned)
