"""Programs that use chat completions of the ``openai`` SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import openai
import orjson
from openai.types.chat import ChatCompletion, ChatCompletionChunk

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
from tests.helpers.sdk_types import THOUGHTS, strictly

__all__ = ["ChatClient"]

_PARTS: dict[Media, dict[str, Any]] = {
    Media.PICTURE: {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{PICTURE}"},
    },
    Media.PICTURE_URL: {"type": "image_url", "image_url": {"url": PICTURE_URL}},
    Media.PDF: {
        "type": "file",
        "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
    },
}
_HELPERS = THOUGHTS | {"parsed", "parsed_arguments", "index"}
"""What the SDK's helpers add to what they gathered from a stream, and to what they parsed."""


class ChatClient:
    """``client.chat.completions``: ``create``, ``parse`` and ``stream``."""

    dialect = Dialect.CHAT

    def __init__(self, sdk: openai.AsyncOpenAI, headers: Mapping[str, str]) -> None:
        """
        Args:
            sdk: the client.
            headers: those of the latest response, kept by whoever made the client.
        """
        self._completions = sdk.chat.completions
        self._headers = headers

    def user(self, *parts: Part) -> Sequence[Any]:
        content = [
            {"type": "text", "text": part} if isinstance(part, str) else _PARTS[part]
            for part in parts
        ]
        return [{"role": "user", "content": content}]

    def results(self, results: Mapping[str, Result]) -> Sequence[Any]:
        return [
            {"role": "tool", "tool_call_id": identifier, "content": result.text}
            for identifier, result in results.items()
        ]

    async def ask(
        self, model: str, history: Sequence[Any], wants: Wants, *, streamed: bool
    ) -> Said:
        asked = self._asked(model, history, wants)
        form: dict[str, Any] = {} if wants.schema is None else {"response_format": wants.schema}
        if streamed:
            asked["stream_options"] = {"include_usage": True}
            async with self._completions.stream(**asked, **form) as stream:
                async for event in stream:
                    if event.type == "chunk":
                        strictly(ChatCompletionChunk, event.chunk.to_dict(warnings=False), THOUGHTS)
                completion: Any = await stream.get_final_completion()
        elif form:
            completion = await self._completions.parse(**asked, **form)
        else:
            completion = await self._completions.create(**asked)
        strictly(ChatCompletion, completion.to_dict(warnings=False), _HELPERS)
        return self._said(completion)

    def _asked(self, model: str, history: Sequence[Any], wants: Wants) -> dict[str, Any]:
        system = [] if wants.system is None else [{"role": "system", "content": wants.system}]
        asked: dict[str, Any] = {
            "model": model,
            "messages": [*system, *history],
            "max_completion_tokens": wants.limit,
            **wants.more,
        }
        if wants.tools:
            asked["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": tool.name,
                        "description": tool.description,
                        "parameters": tool.schema,
                    },
                }
                for tool in wants.tools
            ]
        given = {"stop": wants.stop, "reasoning_effort": wants.effort, "user": wants.user}
        return asked | {name: value for name, value in given.items() if value is not None}

    def _said(self, completion: Any) -> Said:
        (choice,) = completion.choices
        message, usage = choice.message, completion.usage
        calls = message.tool_calls or []
        reasoning = getattr(message, "reasoning_content", None)
        turn: dict[str, Any] = {"role": "assistant", "content": message.content}
        if calls:
            turn["tool_calls"] = [_written(call) for call in calls]
        if reasoning is not None:
            turn["reasoning_content"] = reasoning
        cached, thought = usage.prompt_tokens_details, usage.completion_tokens_details
        return Said(
            text=message.content or "",
            stop=choice.finish_reason,
            calls={
                call.id: (call.function.name, orjson.loads(call.function.arguments))
                for call in calls
            },
            refusal=message.refusal or "",
            reasoning=reasoning or "",
            parsed=getattr(message, "parsed", None),
            used=Used(
                usage.prompt_tokens,
                usage.completion_tokens,
                cached.cached_tokens or 0 if cached else 0,
                thought.reasoning_tokens or 0 if thought else 0,
            ),
            turn=[turn],
            headers=dict(self._headers),
        )


def _written(call: Any) -> dict[str, Any]:
    function = {"name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id, "type": "function", "function": function}
