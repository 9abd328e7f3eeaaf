"""Programs that use responses of the ``openai`` SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import openai
import orjson
from openai.types.responses import Response, ResponseStreamEvent

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

__all__ = ["ResponsesClient"]

_PICTURE = {
    "type": "input_image",
    "detail": "auto",
    "image_url": f"data:image/png;base64,{PICTURE}",
}
_PARTS: dict[Media, dict[str, Any]] = {
    Media.PICTURE: _PICTURE,
    Media.PICTURE_URL: {"type": "input_image", "detail": "auto", "image_url": PICTURE_URL},
    Media.PDF: {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": f"data:application/pdf;base64,{PDF}",
    },
}
_HELPERS = frozenset({"parsed", "parsed_arguments", "snapshot"})


class ResponsesClient:
    """``client.responses``: ``create``, ``parse`` and ``stream``."""

    dialect = Dialect.RESPONSES

    def __init__(self, sdk: openai.AsyncOpenAI, headers: Mapping[str, str]) -> None:
        """
        Args:
            sdk: the client.
            headers: those of the latest response, kept by whoever made the client.
        """
        self._responses = sdk.responses
        self._headers = headers

    def user(self, *parts: Part) -> Sequence[Any]:
        content = [
            {"type": "input_text", "text": part} if isinstance(part, str) else _PARTS[part]
            for part in parts
        ]
        return [{"role": "user", "content": content}]

    def results(self, results: Mapping[str, Result]) -> Sequence[Any]:
        return [
            {
                "type": "function_call_output",
                "call_id": identifier,
                "output": [{"type": "input_text", "text": result.text}, _PICTURE]
                if result.picture
                else result.text,
            }
            for identifier, result in results.items()
        ]

    async def ask(
        self, model: str, history: Sequence[Any], wants: Wants, *, streamed: bool
    ) -> Said:
        asked = self._asked(model, history, wants)
        form: dict[str, Any] = {} if wants.schema is None else {"text_format": wants.schema}
        if streamed:
            async with self._responses.stream(**asked, **form) as stream:
                async for event in stream:
                    strictly(ResponseStreamEvent, event.to_dict(warnings=False), _HELPERS)
                    if event.type in ("response.completed", "response.incomplete"):
                        response: Any = event.response
        elif form:
            response = await self._responses.parse(**asked, **form)
        else:
            response = await self._responses.create(**asked)
        strictly(Response, response.to_dict(warnings=False), _HELPERS)
        return self._said(response)

    def _asked(self, model: str, history: Sequence[Any], wants: Wants) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": model,
            "input": history,
            "max_output_tokens": wants.limit,
            **wants.more,
        }
        if wants.tools:
            asked["tools"] = [
                {
                    "type": "function",
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.schema,
                    "strict": False,
                }
                for tool in wants.tools
            ]
        if wants.system is not None:
            asked["instructions"] = wants.system
        if wants.effort is not None:
            asked["reasoning"] = {"effort": wants.effort, "summary": "auto"}
        if wants.user is not None:
            asked["safety_identifier"] = wants.user
        return asked

    def _said(self, response: Any) -> Said:
        items = response.output
        parts = [part for item in items if item.type == "message" for part in item.content]
        summaries = [part for item in items if item.type == "reasoning" for part in item.summary]
        details, usage = response.incomplete_details, response.usage
        return Said(
            text=response.output_text,
            stop=details.reason if details else response.status,
            calls={
                item.call_id: (item.name, orjson.loads(item.arguments))
                for item in items
                if item.type == "function_call"
            },
            refusal="".join(part.refusal for part in parts if part.type == "refusal"),
            reasoning="".join(part.text for part in summaries),
            parsed=getattr(response, "output_parsed", None),
            used=Used(
                usage.input_tokens,
                usage.output_tokens,
                usage.input_tokens_details.cached_tokens,
                usage.output_tokens_details.reasoning_tokens,
            ),
            turn=items,
            headers=dict(self._headers),
        )
