"""The answer to a request for the decision alone: which models would be tried, and for what route.

Its members and their names are Plano's, so that its clients read it.
"""

from __future__ import annotations

import orjson

from extproc.router import Decision
from extproc.worker import replies
from extproc.worker.decision_headers import about
from extproc.worker.sessions import Session

__all__ = ["decision_answer"]


def decision_answer(decision: Decision, session: Session | None, trace: str) -> bytes:
    """The reply.

    Args:
        decision: what was decided.
        session: the request's, None if it has none.
        trace: the id of its trace.
    """
    answer: dict[str, object] = {
        "models": [model.name for model in decision.candidates],
        "route": decision.route.name if decision.route else None,
        "trace_id": trace,
    }
    if session is not None:
        answer["session_id"] = session.id
    if decision.pinned:
        answer["pinned"] = True
    if decision.switched:
        answer["switched"] = True
    return replies.reply(200, orjson.dumps(answer), about(decision, trace))
