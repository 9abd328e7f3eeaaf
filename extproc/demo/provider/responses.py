"""OpenAI's responses, spoken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from extproc.demo.provider.answer import Answer, Part, PartKind, Piece
from extproc.demo.provider.openai_errors import commanded, error
from extproc.demo.provider.responses_items import (
    content_part,
    finished,
    is_incomplete,
    item,
    item_id,
    response,
)
from extproc.demo.provider.strict import Memory
from extproc.demo.provider.voice import OVERLOADED, event

__all__ = ["REQUEST_ID_HEADER", "Stream", "commanded", "error", "remember", "whole"]

REQUEST_ID_HEADER = "x-request-id"

_MOST_REMEMBERED = 1000


def whole(answer: Answer) -> bytes:
    """A finished ``response``."""
    return orjson.dumps(finished(_shown(answer)))


def remember(answer: Answer, memory: Memory) -> None:
    """Store an answer, unless the request asks not to."""
    if answer.request.get("store") is False:
        return
    if len(memory.calls) >= _MOST_REMEMBERED:
        memory.clear()
    output = finished(_shown(answer))["output"]
    calls = tuple(one["call_id"] for one in output if one["type"] == "function_call")
    memory.calls[f"resp_{answer.key}"] = calls
    memory.items.update(one["id"] for one in output)


class Stream:
    """A stream of numbered events, item after item."""

    def __init__(self, answer: Answer) -> None:
        self._answer = _shown(answer)
        self._number = 0
        self._item = 0
        self._place: dict[str, Any] = {}

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return self._answer.size

    def pieces(self) -> Iterator[Piece]:
        """The pieces, in order."""
        return self._answer.pieces()

    def opening(self) -> Iterator[bytes]:
        """From ``response.created`` to the empty item that is going to be filled."""
        yield self._created()
        in_progress = response(self._answer, "in_progress")
        yield self._event("response.in_progress", response=in_progress)
        if self._answer.parts:
            yield from self._start(0)

    def piece(self, piece: Piece) -> bytes:
        """A delta, behind what completes the item before and begins this one."""
        index, text = piece
        if index == self._item:
            return self._delta(index, text)
        return self._move_to(index) + self._delta(index, text)

    def closing(self) -> Iterator[bytes]:
        """The last item, once more and complete."""
        if self._answer.parts:
            yield self._move_to(len(self._answer.parts))

    def terminator(self) -> bytes:
        """``response.completed`` or ``response.incomplete``, with the usage."""
        kind = "response.incomplete" if is_incomplete(self._answer) else "response.completed"
        return self._event(kind, response=finished(self._answer))

    def failure(self) -> Iterator[bytes]:
        """``error`` and ``response.failed``, after ``response.created`` if nothing was said yet."""
        if self._number == 0:
            yield self._created()
        reason = {"code": "server_error", "message": OVERLOADED}
        yield self._event("error", param=None, **reason)
        failed = response(self._answer, "failed") | {"error": reason}
        yield self._event("response.failed", response=failed)

    def _created(self) -> bytes:
        return self._event("response.created", response=response(self._answer, "in_progress"))

    def _move_to(self, index: int) -> bytes:
        """Complete the open item and begin the next, until one is reached, or the end."""
        said = b""
        while self._item < index:
            said += b"".join(self._end(self._item))
            self._item += 1
            if self._item < len(self._answer.parts):
                said += b"".join(self._start(self._item))
        return said

    def _start(self, index: int) -> Iterator[bytes]:
        kind = self._answer.parts[index].kind
        self._place = {"item_id": item_id(self._answer, index), "output_index": index}
        if (counted := _COUNTED[kind]) is not None:
            self._place[counted] = 0
        added = item(self._answer, index, "in_progress")
        yield self._event("response.output_item.added", output_index=index, item=added)
        if kind in (PartKind.TEXT, PartKind.REFUSAL):
            part = content_part(kind, "")
            yield self._inside("response.content_part.added", part=part)
        elif kind is PartKind.REASONING and self._answer.parts[index].pieces:
            yield self._inside("response.reasoning_summary_part.added", part=_summary(""))

    def _delta(self, index: int, text: str) -> bytes:
        match self._answer.parts[index].kind:
            case PartKind.TEXT:
                return self._inside("response.output_text.delta", delta=text, logprobs=[])
            case PartKind.REFUSAL:
                return self._inside("response.refusal.delta", delta=text)
            case PartKind.REASONING:
                return self._inside("response.reasoning_summary_text.delta", delta=text)
            case PartKind.CALL:
                return self._inside("response.function_call_arguments.delta", delta=text)

    def _end(self, index: int) -> Iterator[bytes]:
        part = self._answer.parts[index]
        text = part.text
        match part.kind:
            case PartKind.TEXT:
                yield self._inside("response.output_text.done", text=text, logprobs=[])
            case PartKind.REFUSAL:
                yield self._inside("response.refusal.done", refusal=text)
            case PartKind.CALL:
                yield self._inside("response.function_call_arguments.done", arguments=text)
            case PartKind.REASONING if part.pieces:
                yield self._inside("response.reasoning_summary_text.done", text=text)
                done = _summary(text)
                yield self._inside("response.reasoning_summary_part.done", part=done)
        if part.kind in (PartKind.TEXT, PartKind.REFUSAL):
            done = content_part(part.kind, text)
            yield self._inside("response.content_part.done", part=done)
        completed = item(self._answer, index, "completed")
        yield self._event("response.output_item.done", output_index=index, item=completed)

    def _inside(self, kind: str, **fields: Any) -> bytes:
        """An event about the inside of the open item."""
        return self._event(kind, **self._place, **fields)

    def _event(self, kind: str, **fields: Any) -> bytes:
        number = self._number
        self._number += 1
        return event({"type": kind, "sequence_number": number, **fields}, kind)


# What is counted inside of an item; the arguments of a call are one.
_COUNTED = {
    PartKind.TEXT: "content_index",
    PartKind.REFUSAL: "content_index",
    PartKind.REASONING: "summary_index",
    PartKind.CALL: None,
}


def _summary(text: str) -> dict[str, Any]:
    return {"type": "summary_text", "text": text}


def _shown(answer: Answer) -> Answer:
    """Reasoning is summed up only for those who ask for that."""
    reasoning = answer.request.get("reasoning")
    summary = reasoning.get("summary") if isinstance(reasoning, dict) else None
    if summary is not None or all(part.kind is not PartKind.REASONING for part in answer.parts):
        return answer
    return replace(answer, parts=tuple(_untold(part) for part in answer.parts))


def _untold(part: Part) -> Part:
    return replace(part, pieces=()) if part.kind is PartKind.REASONING else part
