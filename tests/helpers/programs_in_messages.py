"""Programs that use messages of the ``anthropic`` SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anthropic
from anthropic.types import Message, RawMessageStreamEvent

from extproc.core.models import Dialect
from tests.helpers.programs import (
    PDF,
    PICTURE,
    PICTURE_URL,
    Media,
    Part,
    Result,
    Said,
    Used,
    Wants,
)
from tests.helpers.sdk_types import strictly

__all__ = ["MessagesClient"]

_PICTURE = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": PICTURE},
}
_PARTS: dict[Media, dict[str, Any]] = {
    Media.PICTURE: _PICTURE,
    Media.PICTURE_URL: {"type": "image", "source": {"type": "url", "url": PICTURE_URL}},
    Media.PDF: {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
    },
}
_RAW = frozenset(
    {
        *("message_start", "message_delta", "message_stop"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
    }
)
_HELPERS = frozenset({"message", "content_block"})
"""What the SDK's helper adds to the events that end something."""


class MessagesClient:
    """``client.messages``: ``create``, ``parse`` and ``stream``."""

    dialect = Dialect.MESSAGES

    def __init__(self, sdk: anthropic.AsyncAnthropic, headers: Mapping[str, str]) -> None:
        """
        Args:
            sdk: the client.
            headers: those of the latest response, kept by whoever made the client.
        """
        self._messages = sdk.messages
        self._headers = headers

    def user(self, *parts: Part) -> Sequence[Any]:
        content = [
            {"type": "text", "text": part} if isinstance(part, str) else _PARTS[part]
            for part in parts
        ]
        return [{"role": "user", "content": content}]

    def results(self, results: Mapping[str, Result]) -> Sequence[Any]:
        blocks = []
        for identifier, result in results.items():
            content: list[Any] = [{"type": "text", "text": result.text}]
            block: dict[str, Any] = {
                "type": "tool_result",
                "tool_use_id": identifier,
                "content": content,
            }
            if result.picture:
                content.append(_PICTURE)
            if result.failed:
                block["is_error"] = True
            blocks.append(block)
        return [{"role": "user", "content": blocks}]

    async def ask(
        self, model: str, history: Sequence[Any], wants: Wants, *, streamed: bool
    ) -> Said:
        asked = self._asked(model, history, wants)
        form: dict[str, Any] = {} if wants.schema is None else {"output_format": wants.schema}
        if streamed:
            async with self._messages.stream(**asked, **form) as stream:
                async for event in stream:
                    if event.type in _RAW:
                        strictly(RawMessageStreamEvent, event.to_dict(warnings=False), _HELPERS)
                message: Any = await stream.get_final_message()
        elif form:
            message = await self._messages.parse(**asked, **form)
        else:
            message = await self._messages.create(**asked)
        strictly(Message, message.to_dict(warnings=False))
        return self._said(message)

    def _asked(self, model: str, history: Sequence[Any], wants: Wants) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": model,
            "messages": history,
            "max_tokens": wants.limit,
            **wants.more,
        }
        if wants.tools:
            asked["tools"] = [
                {
                    "name": tool.name,
                    "description": tool.description,
                    "input_schema": tool.schema,
                }
                for tool in wants.tools
            ]
        if wants.system is not None:
            asked["system"] = wants.system
        if wants.stop is not None:
            asked["stop_sequences"] = [wants.stop]
        if wants.effort is not None:
            asked["thinking"] = {"type": "enabled", "budget_tokens": 1024}
        if wants.user is not None:
            asked["metadata"] = {"user_id": wants.user}
        return asked

    def _said(self, message: Any) -> Said:
        blocks = message.content
        usage, details = message.usage, message.stop_details
        thought = usage.output_tokens_details
        cached = usage.cache_read_input_tokens or 0
        written = usage.cache_creation_input_tokens or 0
        return Said(
            text="".join(block.text for block in blocks if block.type == "text"),
            stop=message.stop_reason,
            calls={
                block.id: (block.name, block.input) for block in blocks if block.type == "tool_use"
            },
            refusal=(details.explanation or "") if details else "",
            reasoning="".join(block.thinking for block in blocks if block.type == "thinking"),
            parsed=getattr(message, "parsed_output", None),
            used=Used(
                usage.input_tokens + cached + written,
                usage.output_tokens,
                cached,
                thought.thinking_tokens if thought else 0,
            ),
            turn=[{"role": "assistant", "content": blocks}],
            headers=dict(self._headers),
        )
