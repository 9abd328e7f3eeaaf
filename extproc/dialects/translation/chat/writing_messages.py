"""Writes turns as the messages of a chat, in the order that its providers demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from extproc.dialects.translation.chat.writing_assistants import assistant_messages
from extproc.dialects.translation.chat.writing_parts import Writing
from extproc.dialects.translation.chat.writing_users import user_messages
from extproc.dialects.translation.common.finding_losses import RequestLosses
from extproc.dialects.translation.form import Request, Text, Turn

__all__ = ["written_messages"]


def _texts(texts: Sequence[Text], path: str, writing: Writing) -> str | list[dict[str, Any]]:
    for index, text in enumerate(texts):
        writing.note_cache(text, path, index)
    return writing.held([{"type": "text", "text": text.text} for text in texts])


def _words(turn: Turn) -> list[Text]:
    return [part for part in turn.parts if isinstance(part, Text)]


def _system_messages(turns: Sequence[Turn], writing: Writing) -> Iterator[dict[str, Any]]:
    role = "developer" if writing.openai else "system"
    for turn in turns:
        texts = _words(turn)
        if texts:
            yield {"role": role, "content": _texts(texts, f"{turn.path}.content", writing)}


def _hoisted(request: Request, losses: RequestLosses) -> tuple[list[Text], list[Turn]]:
    """The system's words and the others' turns, for a model that hears the system only first."""
    system, turns = list(request.system), []
    for turn in request.turns:
        if turn.role == "system":
            system.extend(_words(turn))
            losses.add("moved:system", turn.path, "the model hears the system only before all")
        else:
            turns.append(turn)
    return system, turns


def written_messages(request: Request, writing: Writing) -> list[dict[str, Any]]:
    """The messages of a request.

    Args:
        request: the client's.
        writing: what it is written for; its losses know the obstacles already.
    """
    system: Sequence[Text] = request.system
    turns: Sequence[Turn] = request.turns
    if writing.target.traits.inner_system is False:
        system, turns = _hoisted(request, writing.losses)
    messages: list[dict[str, Any]] = []
    if system:
        messages.append({"role": "system", "content": _texts(system, "system", writing)})
    for role, neighbours in groupby(turns, key=lambda turn: turn.role):
        if role == "assistant":
            messages.extend(assistant_messages(list(neighbours), writing))
        elif role == "user":
            messages.extend(user_messages(list(neighbours), writing))
        else:
            messages.extend(_system_messages(list(neighbours), writing))
    return messages
