"""The guard of personal data and secrets: masks requests, and unmasks the answers to them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from typing import Any, Final

from extproc.core.aside import Aside
from extproc.core.guards import Findings
from extproc.core.models import Dialect
from extproc.core.pii import PiiKind, PiiRules
from extproc.dialects.reading import is_large
from extproc.errors import ClientError
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    GuardError,
    Passed,
    Released,
    Replaced,
    RequestVerdict,
    TextKind,
    WholeVerdict,
)
from extproc.pii.masking import Masked, masked
from extproc.pii.unmasking import Unmasking, unmasked_body

__all__ = ["PiiGuard"]

_CODE: Final = "personal_data"
_KEPT: Final = ("previous_response_id", "conversation", "thread")
_AT_ONCE: Final = 4 * 1024
"""Bytes of a request that are gone through while others wait: some 0.25 ms of prose, but 25 of what
is nothing but numbers that might be telephones', each in a text of its own."""
_SHORT: Final = 16 * 1024
"""Bytes of a request that waits for no longer one: one of 100 KB may take a second."""
_LARGE: Final = 256 * 1024
"""Bytes of an answer that are not gone through while others wait."""
_NAMES: Final[Mapping[PiiKind, str]] = {
    PiiKind.EMAIL: "an e-mail address",
    PiiKind.PHONE: "a telephone number",
    PiiKind.CARD: "a payment card's number",
    PiiKind.IBAN: "an IBAN",
    PiiKind.SSN: "a social security number",
    PiiKind.IP: "an IP address",
    PiiKind.SECRET: "a key, token or password",
}


class PiiGuard:
    """Looks at requests; see :mod:`extproc.pii`."""

    def __init__(self, rules: PiiRules, deadline: float = math.inf) -> None:
        """
        Args:
            rules: what to look for, and what to do with it.
            deadline: seconds after which nobody waits for a look any more, so it ends.
        """
        self._actions = rules.actions
        self._deadline = deadline
        self._short, self._long = Aside(), Aside()

    async def look(self, request: GuardedRequest) -> RequestVerdict:
        """Look at a request.

        Raises:
            ClientError: what has to change stands there twice, or spelled with escapes (400). That
                is no failure of the guard's: else whoever writes so would choose whether it looks.
            GuardError: it is no JSON object.
            TimeoutError: it took too long.
        """
        until = time.monotonic() + self._deadline
        try:
            kept = _kept(await request.document())
        except (ClientError, ValueError):
            raise GuardError("malformed", "the body cannot be read") from None
        result = await self._masked(request, kept, until)
        findings = Findings(counts={kind.value: n for kind, n in result.counts.items()})
        if result.refused:
            found = ", ".join(_NAMES[kind] for kind in result.refused)
            message = f"The request holds {found}, which must not be sent from here."
            return Blocked(message, code=_CODE, findings=findings)
        answer = _Unmasking(result.values, request.dialect) if result.values else None
        if result.body is None:
            return Passed(answer, findings)
        return Replaced(result.body.data, answer, findings)

    async def _masked(self, request: GuardedRequest, kept: str, until: float) -> Masked:
        """Looking takes far longer than reading: what is read at once, and does not take next to
        no time, has threads of its own, where it waits for nothing that is far larger."""
        if is_large(request.body):
            return await request.gone_through(masked, self._actions, kept, until=until)
        size = len(request.body)
        aside = self._short if size <= _SHORT else self._long
        return await aside.run_if(
            size > _AT_ONCE, masked, request.body, self._actions, kept, until=until
        )


def _kept(document: Any) -> str:
    """What names the conversation, kept by its provider, that a request goes on from; empty if it
    holds all of its own."""
    if not isinstance(document, dict):
        return ""
    return "".join(str(document[name]) for name in _KEPT if document.get(name))


class _Unmasking(AnswerGuard):
    """Puts the values back into the answer to one request."""

    def __init__(self, values: Mapping[str, str], dialect: Dialect) -> None:
        self._unmasking = Unmasking(values)
        # Anthropic's models sign what they think, and take it back only unchanged.
        self._signed = dialect is Dialect.MESSAGES

    async def whole(self, body: bytes) -> WholeVerdict:
        if len(body) < _LARGE:
            return Replaced(unmasked_body(body, self._unmasking))
        return Replaced(await asyncio.to_thread(unmasked_body, body, self._unmasking))

    async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released:
        if kind is TextKind.REASONING and self._signed:
            return Released(text)
        whole, kept = (text, "") if ended else self._unmasking.cut(text)
        if kind is TextKind.ARGUMENTS:
            return Released(self._unmasking.json_text(whole), kept)
        return Released(self._unmasking.text(whole), kept)
