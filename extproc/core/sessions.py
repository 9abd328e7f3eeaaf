"""What names a session, and where and for how long it keeps its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extproc.contract import AFFINITY, CACHE, SWITCH_SPEND
from extproc.core.switching import RoutingBudget

__all__ = ["PROMPT_CACHE_KEY", "SESSION_HEADERS", "Sessions"]

PROMPT_CACHE_KEY: Final = "prompt_cache_key"
"""Among the headers that name a session: this member of the body.
https://platform.openai.com/docs/api-reference/responses/create"""

SESSION_HEADERS: Final = (
    AFFINITY,
    "x-claude-code-session-id",  # Claude Code
    "thread-id",  # Codex: a sub-agent has a thread of its own in the session
    "session-id",  # Codex
    "x-session-affinity",  # opencode
    "x-session-id",  # opencode
    PROMPT_CACHE_KEY,  # Codex, and what opencode sends to OpenAI
)
"""What names a session unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Where and for how long sessions stay pinned to their model.

    ``ttl`` is in seconds since the session's last request. ``max_entries`` bounds those kept in
    memory. ``redis_variable`` names the environment variable that holds the URL of a Redis server;
    None means memory. ``tenant_header`` names the header whose value keeps tenants' sessions apart.
    ``headers`` name sessions, the first one first, ``prompt_cache_key`` being a member of the body.
    ``implicit`` is whether conversations are sessions that no header names. ``budget`` is what a
    session may spend on changing its model, None: it keeps it. ``takes_budgets`` is whether a
    client may give it one. ``on_user_only`` is whether sessions keep their model only until the
    person says something new.
    """

    ttl: int = 600
    max_entries: int = 10_000
    redis_variable: str | None = None
    tenant_header: str | None = None
    headers: tuple[str, ...] = SESSION_HEADERS
    implicit: bool = False
    budget: RoutingBudget | None = None
    takes_budgets: bool = False
    on_user_only: bool = False

    @property
    def read_headers(self) -> tuple[str, ...]:
        """The request headers, each once, without which sessions cannot be told apart."""
        named = dict.fromkeys(name for name in self.headers if name != PROMPT_CACHE_KEY)
        if self.tenant_header:
            named[self.tenant_header] = None
        if self.takes_budgets:
            named[SWITCH_SPEND] = None
        if self.implicit or self.takes_budgets or self.on_user_only:
            named[CACHE] = None
        return tuple(named)
