"""What a guard is: it is shown a request, or an answer, and lets it pass, changes it or blocks it.

A guard knows nothing of its place. In which order guards look, for how long they may, and what
happens when one fails, is the business of ``requests`` and of ``answers``.

A guard of requests may leave something for the answer to the same request, such as the values that
it has masked: it returns an :class:`AnswerGuard` along with its verdict. Only then does the answer
pass through Python, unless the configuration names guards of answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeAlias, TypeVar

import orjson

from extproc.core.aside import Aside
from extproc.core.guards import NOTHING, Findings
from extproc.core.models import Dialect
from extproc.dialects.answer_texts import TextKind
from extproc.dialects.reading import is_large, read_whole
from extproc.errors import ClientError

__all__ = [
    "BLOCKED",
    "AnswerGuard",
    "Blocked",
    "GuardError",
    "GuardedRequest",
    "InputGuard",
    "Observed",
    "OutputGuard",
    "Passed",
    "Released",
    "Replaced",
    "RequestVerdict",
    "TextKind",
    "WholeVerdict",
]

_P = ParamSpec("_P")
_T = TypeVar("_T")

BLOCKED: Final = "content_blocked"
"""The code of the error that a client gets for what a guard has blocked."""

_MOST_PARTS: Final = 1_000_000
"""Values that a body may have to be looked at."""


class GuardError(Exception):
    """A guard could not look. What follows from that is for its settings to say.

    Args:
        reason: a token for metrics and receipts, such as ``unreachable``.
        message: for the log: what went wrong. It holds nothing of what was to be looked at.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class GuardedRequest:
    """A request as its guards are shown it.

    Attributes:
        path: the path that the client asked for, without its query.
        dialect: the client's; at paths that are no endpoints, the one of its errors.
        body: JSON, never compressed, without the preferences that are for the router alone.
        headers: those that the client sent, names in lower case, pseudo-headers among them.
            Credentials are there only where a guard's settings ask for them.
        request_id: as the client will be told it.
    """

    __slots__ = ("_aside", "_document", "body", "dialect", "headers", "path", "request_id")

    def __init__(
        self,
        path: str,
        dialect: Dialect,
        body: bytes,
        headers: Mapping[str, str],
        request_id: str,
        aside: Aside,
    ) -> None:
        """
        Args:
            path: see above, as all but the last.
            dialect: see above.
            body: see above.
            headers: see above.
            request_id: see above.
            aside: where large bodies are gone through.
        """
        self.path = path
        self.dialect = dialect
        self.body = body
        self.headers = headers
        self.request_id = request_id
        self._aside = aside
        self._document: Any = None

    async def document(self) -> Any:
        """What the body says, all of it; read once, and not to be changed.

        Raises:
            ClientError: it has more values than can be looked at, or is large and no object (400).
            ValueError: it is no JSON.
        """
        if self._document is None:
            large = is_large(self.body)
            self._document = await self._aside.run_if(large, _read, self.body, large=large)
        return self._document

    async def is_object(self) -> bool:
        """Whether the body is a JSON object that can be looked at."""
        try:
            return isinstance(await self.document(), dict)
        except (ValueError, ClientError):
            return False

    async def gone_through(
        self, function: Callable[Concatenate[bytes, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """What a function returns that is given the body and what else is told; a large body is
        gone through aside."""
        return await self._aside.run_if(is_large(self.body), function, self.body, *args, **kwargs)

    def with_body(self, body: bytes) -> GuardedRequest:
        """The same request with another body."""
        return GuardedRequest(
            self.path, self.dialect, body, self.headers, self.request_id, self._aside
        )


def _read(body: bytes, *, large: bool) -> Any:
    return read_whole(body, _MOST_PARTS).document if large else orjson.loads(body)


@dataclass(frozen=True, slots=True)
class Passed:
    """It goes on as it is. ``answer`` looks at the answer to this request; None: nobody has to.
    ``findings`` is what may be told of it, in this verdict and in the others."""

    answer: AnswerGuard | None = None
    findings: Findings = NOTHING


@dataclass(frozen=True, slots=True)
class Observed:
    """It goes on as it is, although it would be blocked if the guard were told to."""

    answer: AnswerGuard | None = None
    findings: Findings = NOTHING


@dataclass(frozen=True, slots=True)
class Replaced:
    """It goes on with this body. ``answer`` as in :class:`Passed`."""

    body: bytes
    answer: AnswerGuard | None = None
    findings: Findings = NOTHING


@dataclass(frozen=True, slots=True)
class Blocked:
    """The client gets an error. Its ``message`` says why and quotes nothing of the content, for
    errors are logged by those who get them."""

    message: str
    code: str = BLOCKED
    status: int = 400
    findings: Findings = NOTHING


RequestVerdict: TypeAlias = Passed | Observed | Replaced | Blocked
WholeVerdict: TypeAlias = Passed | Replaced | Blocked


@dataclass(frozen=True, slots=True)
class Released:
    """What of a text may go to the client now, changed or not, and what is kept: the guard is shown
    that again, together with what comes after it."""

    text: str
    kept: str = ""


class AnswerGuard(ABC):
    """Looks at the answer to one request."""

    @abstractmethod
    async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released | Blocked:
        """Look at a piece of text of a stream, or at a whole text of an answer that is none.

        Pieces are cut anywhere, so what is looked for may be split over several of them. Whoever
        looks for something of at most so many characters keeps one fewer of them at the end, as
        long as more is to come.

        Args:
            kind: what the text is.
            text: what was kept of this text last time, and what has come since.
            ended: whether that is all of it; then nothing may be kept.

        Raises:
            GuardError: it cannot be looked at.
        """

    async def whole(self, body: bytes) -> WholeVerdict | None:  # noqa: ARG002 - for those that look
        """Look at a whole answer of JSON.

        Args:
            body: the answer, as the client would get it.

        Returns:
            None where each of its texts is to be looked at by itself, by :meth:`text`.

        Raises:
            GuardError: it cannot be looked at.
        """
        return None


class InputGuard(Protocol):
    """Looks at requests before they are decided."""

    async def look(self, request: GuardedRequest) -> RequestVerdict:
        """Look at one request.

        Raises:
            GuardError: it cannot be looked at.
        """
        ...


class OutputGuard(Protocol):
    """Looks at answers."""

    def answering(self, request: GuardedRequest) -> AnswerGuard:
        """Who looks at the answer to this request, which went on with this body."""
        ...
