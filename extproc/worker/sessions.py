"""Which session a request belongs to: by our own header, or by what coding agents send anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from extproc.affinity import session_key
from extproc.contract import AFFINITY, CACHE, CLIENT, SWITCH_SPEND
from extproc.core.clipping import clipped
from extproc.core.sessions import PROMPT_CACHE_KEY, Sessions
from extproc.core.switching import RoutingBudget, SessionCosts
from extproc.dialects.prefixes import opening_of, prefix_of
from extproc.dialects.request import ClientRequest
from extproc.intent.users_turn import is_users_turn
from extproc.ranking.session_turn import SessionTurn

__all__ = ["Session", "caches", "session_of", "tenant_of", "turn_of"]

_ASKED_BY_ANYBODY = "decision"
_ALL: Final = 100
_PLAIN: Final = RoutingBudget(most=0.0)


@dataclass(frozen=True, slots=True)
class Session:
    """A client's session: ``id`` is the client's name for it, ``key`` that of its pin."""

    id: str
    key: str


def session_of(
    request: ClientRequest,
    headers: Mapping[str, str],
    settings: Sessions,
    *,
    decision_only: bool = False,
) -> Session | None:
    """The session that a request belongs to, None if it names none.

    The first of ``settings.headers`` that the request has counts. An agent names its conversation
    in every request that serves it, in those for titles and summaries too, which ask for a smaller
    model: so its session is one per requested model, and the small model never becomes that of the
    conversation. Who sends ``X-Model-Affinity`` means this very request. Where the configuration
    says so, a conversation is a session that no header names.

    Args:
        request: the request.
        headers: its headers, by their names in lower case.
        settings: which headers name a session, and which one keeps tenants apart.
        decision_only: the decision alone is asked for.
    """
    owner = _owner(headers, settings, decision_only=decision_only)
    for name in settings.headers:
        session_id = _value(name, request, headers).strip()
        if session_id:
            agents = f"{name}:{session_id}:{request.model or ''}"
            key = session_key(session_id if name == AFFINITY else agents, owner)
            return None if key is None else Session(session_id, key)
    return _implicit(request, owner) if settings.implicit and caches(headers) else None


def turn_of(
    request: ClientRequest,
    headers: Mapping[str, str],
    settings: Sessions,
    costs: SessionCosts | None,
    now: float,
) -> SessionTurn | None:
    """What is known of a session when one of its requests comes, None if it keeps its model anyway.

    Args:
        request: the request.
        headers: its headers, by their names in lower case.
        settings: whether sessions may change their model, and what they may spend on that.
        costs: the session's account, None if it has none yet.
        now: seconds since the epoch.
    """
    budget = _budget(headers, settings) if settings.takes_budgets else settings.budget
    if budget is None and not settings.on_user_only:
        return None
    turn = SessionTurn(now, prefix_of(request) if caches(headers) else "", costs, budget)
    if not settings.on_user_only or not turn.is_warm or is_users_turn(request.document):
        return turn
    return replace(turn, replays=True)


def _budget(headers: Mapping[str, str], settings: Sessions) -> RoutingBudget | None:
    """What this request's session may spend; what its client says goes before what is configured,
    if it makes sense."""
    said = headers.get(SWITCH_SPEND)
    if said is None:
        return settings.budget
    try:
        percent = float(said)
    except ValueError:
        return settings.budget
    if not 0 <= percent <= _ALL:
        return settings.budget
    return replace(settings.budget or _PLAIN, most=percent / _ALL)


def caches(headers: Mapping[str, str]) -> bool:
    """Whether a request lets us see to it that its prompt is found in a cache."""
    return headers.get(CACHE, "").strip().lower() != "off"


def _implicit(request: ClientRequest, owner: str | None) -> Session | None:
    """The session of a conversation that no header names: by how it began."""
    opening = opening_of(request)
    if opening is None:
        return None
    name = f"implicit:{opening}"
    key = session_key(name, owner)
    return None if key is None else Session(name, key)


def tenant_of(headers: Mapping[str, str], settings: Sessions) -> str | None:
    """Whose request it is, None where no header tells.

    Args:
        headers: of the request, by their names in lower case.
        settings: which header keeps tenants apart.
    """
    tenant = headers.get(settings.tenant_header or "")
    return clipped(tenant) if tenant else None


def _owner(headers: Mapping[str, str], settings: Sessions, *, decision_only: bool) -> str | None:
    """Whose sessions a request can see: the tenant's, else those of the client's key.

    Without either, all clients share their sessions. What is only asked costs nothing and so might
    be asked by anybody: such sessions are apart from those that lead to a model.
    """
    if settings.tenant_header:
        return headers.get(settings.tenant_header, "")
    return headers.get(CLIENT) or (_ASKED_BY_ANYBODY if decision_only else None)


def _value(name: str, request: ClientRequest, headers: Mapping[str, str]) -> str:
    if name != PROMPT_CACHE_KEY:
        return headers.get(name, "")
    value = request.document.get(PROMPT_CACHE_KEY)
    return value if isinstance(value, str) else ""
