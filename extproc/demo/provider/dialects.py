"""The dialects that a fake provider speaks, one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from extproc.demo.provider import chat, messages, responses
from extproc.demo.provider.answer import Answer
from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict import Ask, Memory
from extproc.demo.provider.strict import chat as strict_chat
from extproc.demo.provider.strict import messages as strict_messages
from extproc.demo.provider.strict import responses as strict_responses
from extproc.demo.provider.voice import Voice

__all__ = ["Dialect", "dialect_of", "prepare"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a dialect is spoken, what its real API refuses, and what it stores."""

    voice: Voice
    judge: Callable[[Ask], Complaint | None]
    remember: Callable[[Answer, Memory], None]


def _store_nothing(_: Answer, __: Memory) -> None:
    """Most dialects have no state."""


_DIALECTS: Mapping[str, Dialect] = {
    "/chat/completions": Dialect(chat, strict_chat.judge, _store_nothing),
    "/messages": Dialect(messages, strict_messages.judge, messages.remember),
    "/responses": Dialect(responses, strict_responses.judge, responses.remember),
}


def prepare() -> None:
    """Import now what judging takes, since the first request must not wait for it."""
    for dialect in _DIALECTS.values():
        dialect.judge(Ask(body={}, model="", headers=(("anthropic-version", "2023-06-01"),)))


def dialect_of(method: str, target: str) -> Dialect | None:
    """The dialect of a request by how its path ends; None if it is not one's."""
    if method != "POST":
        return None
    path = target.partition("?")[0]
    return next((known for ending, known in _DIALECTS.items() if path.endswith(ending)), None)
