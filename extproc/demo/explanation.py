"""The receipt of a request that the demonstration sent, as ``dragoman explain`` gets it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from extproc.demo.outcome import Attempt
from extproc.errors import FetchError
from extproc.explain.admin_port import AdminPort

__all__ = ["IncompleteError", "receipt"]

_PATIENCE = 5.0
_POLL = 0.1


class IncompleteError(Exception):
    """The admin port has no receipt that tells all; the message says what it has."""


async def receipt(admin: str, trace_id: str, attempts: Sequence[Attempt]) -> Mapping[str, Any]:
    """Wait until the receipt of a request tells how it ended, and what it took.

    Args:
        admin: the URL of the admin port.
        trace_id: as the response headers told it.
        attempts: what the access log says that Envoy tried.

    Raises:
        IncompleteError: it does not come to that.
    """
    tried = [(attempt.model, attempt.status) for attempt in attempts]
    port = AdminPort(admin)
    given_up = time.monotonic() + _PATIENCE
    while True:
        try:
            found = await asyncio.to_thread(port.receipt, trace_id)
        except FetchError as error:
            lacking = str(error)
        else:
            told = [(attempt["model"], attempt["status"]) for attempt in found["attempts"]]
            if found["status"] is not None and told == tried:
                return found
            lacking = f"status {found['status']}, attempts {told}"
        if time.monotonic() > given_up:
            raise IncompleteError(lacking)
        await asyncio.sleep(_POLL)
