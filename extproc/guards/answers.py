"""The guards of one answer: each looks in its turn, at what those before it have made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from extproc.core.aside import Aside
from extproc.core.guards import GuardReport, Side, Verdict
from extproc.dialects.answer_texts import Text, TextKind, found, put, texts_of, without_tokens
from extproc.dialects.reading import is_large, read_whole
from extproc.errors import ClientError
from extproc.guards.guard import Blocked, GuardError, Passed, Replaced
from extproc.guards.looks import Look
from extproc.guards.requests import AnswerLook

__all__ = ["AnswerGuards", "RunningText", "answer_guards"]

_MOST_PARTS: Final = 1_000_000
"""Values that an answer may have to be looked at."""


@dataclass(slots=True)
class RunningText:
    """A text that comes piece by piece: what each guard has kept of it."""

    kept: list[str] = field(default_factory=list)


class AnswerGuards:
    """Those who look at one answer, whole or streamed."""

    def __init__(
        self,
        places: Sequence[AnswerLook],
        request_id: str,
        tell: Callable[[GuardReport], None],
        aside: Aside,
    ) -> None:
        """
        Args:
            places: the guards, in their order.
            request_id: the request's id.
            tell: is called with what they have said; it must return at once.
            aside: where large answers are gone through.
        """
        self._guards = [
            (place.guard, Look(place.settings, Side.OUTPUT, request_id)) for place in places
        ]
        self._request_id = request_id
        self._tell = tell
        self._aside = aside

    def told(self) -> None:
        """Nothing more is to be looked at: tell what those have said that have looked."""
        verdicts = tuple(look.told() for _, look in self._guards if look.began)
        if verdicts:
            self._tell(GuardReport(self._request_id, verdicts))

    async def cannot_look(self, reason: str, message: str) -> None:
        """The answer is in a form that no guard can look at.

        Raises:
            ClientError: one of them must look at it (503).
        """
        for _, look in self._guards:
            await look.at(_failing(GuardError(reason, message)))

    async def whole(self, body: bytes) -> bytes:
        """What a whole answer of JSON becomes.

        Raises:
            ClientError: it is blocked, or a guard has failed that must not.
        """
        for guard, look in self._guards:
            verdict = await look.at(guard.whole(body))
            if isinstance(verdict, Blocked):
                raise look.blocked(verdict)
            if isinstance(verdict, Replaced) and verdict.body != body:
                look.changed()
                body = verdict.body
            elif verdict is None:
                body = await self._text_by_text(guard.text, look, body)
        return body

    async def _text_by_text(self, ask: Any, look: Look, body: bytes) -> bytes:
        document = await look.at(self._document(body))
        if isinstance(document, Passed):
            return body
        changed = False
        texts = await look.at(_texts(document))
        for text in () if isinstance(texts, Passed) else texts:
            before = found(document, text.steps)
            verdict = await look.at(ask(text.kind, before, ended=True))
            if isinstance(verdict, Passed):
                return body
            if isinstance(verdict, Blocked):
                raise look.blocked(verdict)
            if verdict.text != before:
                changed = True
                put(document, text.steps, verdict.text)
        if not changed:
            return body
        look.changed()
        without_tokens(document)
        return orjson.dumps(document)

    async def _document(self, body: bytes) -> Any:
        large = is_large(body)
        try:
            return await self._aside.run_if(large, _read, body, large=large)
        except (ValueError, ClientError):
            raise GuardError("malformed", "the answer is not the JSON that it says") from None

    async def text(
        self, running: RunningText, kind: TextKind, text: str, *, ended: bool = False
    ) -> str:
        """What of a running text may go to the client now.

        Args:
            running: the text.
            kind: what it is.
            text: what has come of it.
            ended: whether that was all.

        Raises:
            ClientError: it is blocked, or a guard has failed that must not.
        """
        if not running.kept:
            running.kept = [""] * len(self._guards)
        for position, (guard, look) in enumerate(self._guards):
            text = running.kept[position] + text
            running.kept[position] = ""
            if not text or look.verdict is Verdict.FAILED:
                continue
            verdict = await look.at(guard.text(kind, text, ended=ended))
            if isinstance(verdict, Passed):
                continue
            if isinstance(verdict, Blocked):
                raise look.blocked(verdict)
            if verdict.text + verdict.kept != text:
                look.changed()
            text, running.kept[position] = verdict.text, verdict.kept
        return text


def answer_guards(
    places: Sequence[AnswerLook],
    request_id: str,
    tell: Callable[[GuardReport], None],
    aside: Aside,
) -> AnswerGuards | None:
    """Those who look at one answer, None where nobody does; see :class:`AnswerGuards`."""
    return AnswerGuards(places, request_id, tell, aside) if places else None


def _read(body: bytes, *, large: bool) -> Any:
    return read_whole(body, _MOST_PARTS).document if large else orjson.loads(body)


async def _texts(document: Any) -> tuple[Text, ...]:
    try:
        return tuple(texts_of(document))
    except RecursionError:
        raise GuardError("malformed", "the answer is nested too deeply") from None


async def _failing(error: GuardError) -> None:
    raise error
