"""Answers that are streams of events, in each dialect, and what a client makes of them."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["chat", "chunk", "documents", "event", "messages", "responses", "said"]


def event(name: str | None = None, **members: Any) -> bytes:
    line = f"event: {name}\n" if name else ""
    data = {"type": name, **members} if name else members
    return f"{line}data: {json.dumps(data)}\n\n".encode()


def chunk(delta: dict[str, Any], index: int = 0, **more: Any) -> bytes:
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None} | more
    return event(None, id="c", object="chat.completion.chunk", choices=[choice])


def chat(*texts: str) -> bytes:
    return b"".join(
        [
            chunk({"role": "assistant", "content": ""}),
            *(chunk({"content": text}) for text in texts),
            chunk({}, finish_reason="stop"),
            event(None, id="c", choices=[], usage={"total_tokens": 3}),
            b"data: [DONE]\n\n",
        ]
    )


def messages(*texts: str) -> bytes:
    delta = "content_block_delta"
    block = {"type": "text", "text": ""}
    return b"".join(
        [
            event("message_start", message={"id": "m", "content": [], "model": "x"}),
            event("content_block_start", index=0, content_block=block),
            event("ping"),
            *(event(delta, index=0, delta={"type": "text_delta", "text": text}) for text in texts),
            event("content_block_stop", index=0),
            event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3}),
            event("message_stop"),
        ]
    )


def responses(*texts: str) -> bytes:
    text = "".join(texts)
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    item = {"id": "msg", "type": "message", "role": "assistant", "content": [part]}
    place = {"item_id": "msg", "output_index": 0, "content_index": 0}
    made: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": {"id": "r", "output": [], "instructions": "be kind"}}),
        ("response.output_item.added", {"output_index": 0, "item": {**item, "content": []}}),
        ("response.content_part.added", {**place, "part": {**part, "text": ""}}),
        *(("response.output_text.delta", {**place, "delta": one, "logprobs": []}) for one in texts),
        ("response.output_text.done", {**place, "text": text, "logprobs": []}),
        ("response.content_part.done", {**place, "part": part}),
        ("response.output_item.done", {"output_index": 0, "item": item}),
        ("response.completed", {"response": {"id": "r", "output": [item]}}),
    ]
    return b"".join(
        event(name, sequence_number=number, **members)
        for number, (name, members) in enumerate(made)
    )


def documents(stream: bytes) -> list[dict[str, Any]]:
    found = re.findall(rb"^data: (\{.*\})$", stream, re.MULTILINE)
    return [json.loads(each) for each in found]


def said(stream: bytes) -> str:
    """The text that a client puts together."""
    found = []
    for each in documents(stream):
        found += [choice["delta"].get("content") or "" for choice in each.get("choices", ())]
        if each.get("type") == "content_block_delta":
            found.append(each["delta"]["text"])
        if each.get("type") == "response.output_text.delta":
            found.append(each["delta"])
    return "".join(found)
