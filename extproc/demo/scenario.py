"""One thing that the demonstration shows: a request, how models answer it, and what must come
of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extproc.contract import AFFINITY
from extproc.core.models import Dialect
from extproc.demo.outcome import Outcome
from extproc.demo.provider import Behaviour

__all__ = ["REQUESTED", "Ask", "Scenario"]

REQUESTED = "openai/gpt-4o-mini"
"""The model that every request names; routes send it elsewhere."""

_MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client says.

    Attributes:
        dialect: the format, and with it the SDK, that the client uses.
        prompt: the user's message.
        streamed: whether the answer is wanted as a stream.
        decision_only: ask for the decision and have nothing forwarded.
        routing_preferences: sent along with the request, in place of the configured ones.
        session: the client's name for the session that the request belongs to, if to any.
        more: further members of the body.
    """

    dialect: Dialect
    prompt: str
    streamed: bool = False
    decision_only: bool = False
    routing_preferences: Sequence[Mapping[str, Any]] | None = None
    session: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The request's body, but for what no SDK knows by name."""
        body: dict[str, Any] = {"model": REQUESTED, **self.more}
        if self.dialect is Dialect.RESPONSES:
            body["input"] = self.prompt
        else:
            body["messages"] = [{"role": "user", "content": self.prompt}]
        if self.dialect is Dialect.MESSAGES:
            body["max_tokens"] = _MAX_TOKENS
        if self.streamed:
            body["stream"] = True
        return body

    @property
    def extra_body(self) -> dict[str, Any]:
        """What no SDK knows by name."""
        if self.routing_preferences is None:
            return {}
        return {"routing_preferences": self.routing_preferences}

    @property
    def headers(self) -> dict[str, str]:
        """What the client adds to its usual headers."""
        return {} if self.session is None else {AFFINITY: self.session}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to show.

    Attributes:
        title: what it shows.
        ask: the request.
        expected: what must come of it.
        behaviours: how models answer meanwhile, by declared name, where it is not with a greeting.
        within: seconds that the client waits at most.
        explained: whether to show what ``dragoman explain`` says of the request.
    """

    title: str
    ask: Ask
    expected: Outcome
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    within: float = 5.0
    explained: bool = False
