"""What a request loses, found one part after another, with its place in the client's body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from extproc.core.models import Dialect
from extproc.dialects.translation.common.identifiers import token
from extproc.dialects.translation.form import Request, Tool
from extproc.dialects.translation.losses import Loss, Severity

__all__ = [
    "MARKS",
    "Losses",
    "RequestLosses",
    "dropped",
    "place",
    "reluctant",
    "skipped",
    "tool_place",
]

_PLACES: Mapping[Dialect, Mapping[str, str]] = {
    Dialect.CHAT: {
        "effort": "reasoning_effort",
        "format": "response_format",
        "parallel_tools": "parallel_tool_calls",
        "reasoning": "reasoning_effort",
    },
    Dialect.MESSAGES: {
        "effort": "output_config.effort",
        "format": "output_config.format",
        "reasoning": "thinking",
        "stop": "stop_sequences",
        "summary": "thinking.display",
        "user": "metadata.user_id",
    },
    Dialect.RESPONSES: {
        "effort": "reasoning.effort",
        "format": "text.format",
        "max_tokens": "max_output_tokens",
        "parallel_tools": "parallel_tool_calls",
        "summary": "reasoning.summary",
    },
}
"""Where the dialects have what the form calls otherwise."""
_MOST_CODES = 64
"""They travel in a header; what comes after them is told as ``dropped:more``."""
_NOTHING_LIKE_IT = "the provider has nothing like it"

MARKS = frozenset({"phase"})
"""What OpenAI's models note on their own turns for their own use, and no other model misses:
https://platform.openai.com/docs/api-reference/responses/create"""


def place(request: Request, name: str) -> str:
    """Where in the client's body a member of the form, or one of its extras, stands."""
    return request.paths.get(name) or _PLACES[request.dialect].get(name) or token(name)


def tool_place(tool: Tool, index: int) -> str:
    """Where in the client's body a tool stands that has this index among the request's."""
    return tool.path or f"tools[{index}]"


def dropped(name: str, path: str, reason: str = _NOTHING_LIKE_IT) -> Loss:
    """A part that is left out; ``name`` may be any name of the client's."""
    return Loss(f"dropped:{token(name)}", path, Severity.WARN, reason)


def reluctant(name: str, path: str, reason: str = _NOTHING_LIKE_IT) -> Loss:
    """A part that is left out where no other candidate can carry it."""
    return Loss(f"dropped:{token(name)}", path, Severity.RELUCTANT, reason)


def skipped(name: str, path: str, reason: str = _NOTHING_LIKE_IT) -> Loss:
    """A part without which the candidate cannot serve the request."""
    return Loss(f"skipped:{token(name)}", path, Severity.SKIP, reason)


class Losses:
    """The losses of one request in their order: of each code the first, as one says enough and a
    client may send a hundred thousand."""

    __slots__ = ("_by_code",)

    def __init__(self, known: Iterable[Loss] = ()) -> None:
        self._by_code: dict[str, Loss] = {loss.code: loss for loss in known}

    def put(self, loss: Loss) -> None:
        """Tell a loss."""
        if loss.code in self._by_code:
            return
        if len(self._by_code) >= _MOST_CODES:
            code = f"{loss.code.partition(':')[0]}:more"
            loss = Loss(code, loss.path, loss.severity, loss.reason)
        self._by_code.setdefault(loss.code, loss)

    def add(self, code: str, path: str, reason: str, severity: Severity = Severity.WARN) -> None:
        """Tell a loss at a path of the client's body."""
        if code not in self._by_code:
            self.put(Loss(code, path, severity, reason))

    def grammar(self, tool: Tool, index: int) -> None:
        """Tell what is lost of a tool whose grammar its own dialect alone enforces."""
        if tool.grammar:
            reason = "the model is told the grammar, but not held to it"
            self.add("adapted:grammar", tool_place(tool, index), reason)

    def told(self) -> tuple[Loss, ...]:
        """All of them."""
        return tuple(self._by_code.values())


class RequestLosses(Losses):
    """Losses whose places are those of what the form names."""

    __slots__ = ("_request",)

    def __init__(self, request: Request, known: Iterable[Loss] = ()) -> None:
        super().__init__(known)
        self._request = request

    def of(self, code: str, name: str, reason: str, severity: Severity = Severity.WARN) -> None:
        """Tell a loss of what the form calls ``name``."""
        self.add(code, place(self._request, name), reason, severity)
