"""Turns of a conversation as Anthropic's messages.

Roles alternate, results of tools come first in a message of the user's, no block of text is empty:
https://docs.anthropic.com/en/api/messages, ``anthropic.types.ContentBlockParam``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from extproc.core.models import Dialect
from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.finding_losses import Losses, dropped
from extproc.dialects.translation.common.identifiers import Names, spelled
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Request,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.losses import Loss
from extproc.dialects.translation.messages.cache_marks import CacheMarks
from extproc.dialects.translation.messages.call_inputs import call_input
from extproc.dialects.translation.messages.obstacles import part_obstacle
from extproc.dialects.translation.messages.writing_sources import document_source, image_source
from extproc.dialects.translation.translator import Target

__all__ = ["Conversation"]

_Block = dict[str, Any]

_LONGEST_NAME = 128
"""Of a tool."""
_ASSISTANT_OPENS = "(The assistant speaks first.)"
"""Anthropic wants a user's message in front."""
_UNSIGNED = "only the provider that wrote it can have it back"


class Conversation:
    """Writes turns one after the other.

    Args:
        request: what is written.
        target: the model.
        losses: takes what is lost.
    """

    def __init__(self, request: Request, target: Target, losses: Losses) -> None:
        self.system: list[_Block] = []
        self.messages: list[_Block] = []
        self.marks = CacheMarks()
        self.names = Names(_LONGEST_NAME)
        self._results: list[_Block] = []
        """Of the last message, as long as more may be joined to it."""
        self._waiting: list[Turn] = []
        """The system's turns, until their place comes."""
        self._request = request
        self._dialect = request.dialect
        self._target = target
        self._losses = losses
        self._write: Mapping[type[Part], Callable[[Any, Turn, int], _Block | None]] = {
            Text: self._text,
            Image: self._image,
            Document: self._document,
            Reasoning: self._reasoning,
            Refusal: self._refusal,
            ToolCall: self._tool_call,
            ToolResult: self._tool_result,
            Opaque: self._opaque,
        }

    def write(self) -> None:
        """Write all of the request's turns.

        Raises:
            ClientError: a tool call of the history is no JSON object, or nothing is said (400).
        """
        self._instruct(self._request.system)
        for turn in self._request.turns:
            if turn.role == "system":
                self._inner_system(turn)
            else:
                self._turn(turn)
        self._place_system()
        self._put_results()
        if not self.messages:
            self._system_alone()
        if self.messages[0]["role"] == "assistant":
            opening = {"role": "user", "content": [{"type": "text", "text": _ASSISTANT_OPENS}]}
            self.messages.insert(0, opening)
            reason = "the first message must be the user's"
            self._losses.put(Loss("added:user_message", self._request.turns[0].path, reason=reason))
        self._settle()

    def _instruct(self, texts: Iterable[Text]) -> None:
        for text in texts:
            block = self._spoken(text)
            if block is not None:
                self.system.append(block)

    def _inner_system(self, turn: Turn) -> None:
        if self._target.traits.inner_system:
            self._waiting.append(turn)
        else:
            self._hoist(turn)

    def _hoist(self, turn: Turn) -> None:
        self._instruct(part for part in turn.parts if isinstance(part, Text))
        reason = "the model takes the system's words in front of all others only"
        self._losses.put(Loss("moved:system", turn.path, reason=reason))

    def _place_system(self) -> None:
        """The system's words stand behind a user's turn and before the assistant's, or last."""
        waiting, self._waiting = self._waiting, []
        if not self.messages or self.messages[-1]["role"] != "user":
            for turn in waiting:
                self._hoist(turn)
            return
        self._put_results()
        outer, self.system = self.system, []
        self._instruct(part for turn in waiting for part in turn.parts if isinstance(part, Text))
        inner, self.system = self.system, outer
        if inner:
            self.messages.append({"role": "system", "content": inner})

    def _turn(self, turn: Turn) -> None:
        results: list[_Block] = []
        others: list[_Block] = []
        for index, part in enumerate(turn.parts):
            block = self._write[type(part)](part, turn, index)
            if block is not None:
                (results if block["type"] == "tool_result" else others).append(block)
        if not results and not others:
            return
        if turn.role == "assistant" and self._waiting:
            self._place_system()
        if self.messages and self.messages[-1]["role"] == turn.role:
            self._results += results
            self.messages[-1]["content"] += others
        else:
            self._put_results()
            self._results = results
            self.messages.append({"role": turn.role, "content": others})

    def _put_results(self) -> None:
        """The last message is complete: its results go in front."""
        if self._results:
            self.messages[-1]["content"][:0] = self._results
            self._results = []

    def _system_alone(self) -> None:
        """Nobody but the system has spoken: its last words are what is answered."""
        if not self.system:
            raise invalid(
                "input" if self._dialect is Dialect.RESPONSES else "messages",
                "must say something: the model that serves takes no empty conversation",
            )
        self.messages.append({"role": "user", "content": [self.system.pop()]})
        reason = "the model answers the user's words only"
        self._losses.put(Loss("moved:system", self._said_at(), reason=reason))

    def _said_at(self) -> str:
        turns = self._request.turns
        return turns[-1].path if turns else "messages"

    def _settle(self) -> None:
        """What the assistant is to continue must not end in white space."""
        last = self.messages[-1]
        if last["role"] == "assistant" and last["content"][-1]["type"] == "text":
            last["content"][-1]["text"] = last["content"][-1]["text"].rstrip()

    def _spoken(self, text: Text) -> _Block | None:
        if not text.text or text.text.isspace():
            return None
        block = {"type": "text", "text": text.text}
        return block if text.cache is None else self.marks.put(block, text.cache)

    def _text(self, part: Text, _: Turn, __: int) -> _Block | None:
        return self._spoken(part)

    def _refusal(self, part: Refusal, _: Turn, __: int) -> _Block | None:
        return self._spoken(Text(part.text))

    def _barred(self, part: Part, turn: Turn, index: int) -> bool:
        """Whether the obstacles name this part: it is left out then."""
        path = f"{turn.path}.content[{index}]"
        return part_obstacle(part, path, turn.role, self._dialect, self._target) is not None

    def _image(self, part: Image, turn: Turn, index: int) -> _Block | None:
        if self._barred(part, turn, index):
            return None
        if part.detail is not None and part.detail != "auto":
            self._losses.put(dropped("detail", f"{turn.path}.content[{index}]"))
        return self.marks.put({"type": "image", "source": image_source(part.source)}, part.cache)

    def _document(self, part: Document, turn: Turn, index: int) -> _Block | None:
        if self._barred(part, turn, index):
            return None
        where = document_source(part.source, f"{turn.path}.content[{index}]")
        if turn.role == "assistant" and where["type"] == "text":
            return self._spoken(Text(where["data"], part.cache))
        block: _Block = {"type": "document", "source": where}
        if part.title:
            block["title"] = part.title
        return self.marks.put(block, part.cache)

    def _reasoning(self, part: Reasoning, turn: Turn, index: int) -> _Block | None:
        if part.redacted is not None and self._dialect is Dialect.MESSAGES:
            return {"type": "redacted_thinking", "data": part.redacted}
        if part.signature and self._dialect is Dialect.MESSAGES:
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        self._losses.put(dropped("reasoning", f"{turn.path}.content[{index}]", _UNSIGNED))
        return None

    def _tool_call(self, part: ToolCall, turn: Turn, index: int) -> _Block:
        block = {
            "type": "tool_use",
            "id": spelled(part.id),
            "name": self.names.fit(part.name),
            "input": call_input(part, turn, index, self._dialect),
        }
        return block if part.cache is None else self.marks.put(block, part.cache)

    def _tool_result(self, part: ToolResult, turn: Turn, index: int) -> _Block:
        block: _Block = {"type": "tool_result", "tool_use_id": spelled(part.call_id)}
        content = [
            written
            for inner in part.parts
            if (written := self._write[type(inner)](inner, turn, index)) is not None
        ]
        if content:
            block["content"] = content
        if part.is_error:
            block["is_error"] = True
        return block if part.cache is None else self.marks.put(block, part.cache)

    def _opaque(self, part: Opaque, _: Turn, __: int) -> _Block | None:
        # The obstacles name what is not of this dialect.
        return cast(_Block, part.raw) if part.dialect is Dialect.MESSAGES else None
