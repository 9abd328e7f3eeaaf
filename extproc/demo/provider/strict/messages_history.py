"""What Anthropic refuses of a conversation: who may speak when, which blocks go where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.seal import is_signed
from extproc.demo.provider.strict.ask import Ask
from extproc.demo.provider.strict.media import is_base64, is_url
from extproc.demo.provider.strict.models import claude_generation

__all__ = ["judge"]

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_WITHOUT_PREFILL = (4, 6)
_INNER_SYSTEM_FROM = (4, 8)
_STRICT_VERSION = "2026-10-21"
_NOT_THE_USERS = frozenset({"thinking", "redacted_thinking", "tool_use"})
_THINKING = frozenset({"thinking", "redacted_thinking"})


def judge(ask: Ask) -> Complaint | None:
    """The first thing wrong with the conversation in a body of the right shape."""
    thread = ask.body.get("thread") or {}
    previous = thread.get("previous_message_id")
    if previous is not None and previous not in ask.memory.threads:
        return Complaint(
            f"thread: no usable thread was found for `previous_message_id` {previous}",
            status=404,
            type="not_found_error",
            details={"error_code": "thread_not_found"},
        )
    message = next(_faults(ask, ask.memory.threads.get(previous or "", ())), None)
    return None if message is None else Complaint(message, type="invalid_request_error")


def _faults(ask: Ask, called_before: Sequence[str]) -> Iterator[str]:
    messages = ask.body["messages"]
    turns = [(message["role"], _blocks(message["content"])) for message in messages]
    if not turns:
        yield "messages: at least one message is required"
        return
    if turns[0][0] != "user":
        yield 'messages: first message must use the "user" role'
    system = ask.body.get("system")
    if isinstance(system, list):
        for index, block in enumerate(system):
            if not block["text"]:
                yield f"system: text content blocks must be non-empty (system.{index})"
    for index, (role, blocks) in enumerate(turns):
        last = index == len(turns) - 1
        if not blocks and not (last and role == "assistant"):
            yield (
                f"messages.{index}: all messages must have non-empty content except for the "
                "optional final assistant message"
            )
        if role == "system":
            yield from _system(index, [role for role, _ in turns], ask.model)
        for at, block in enumerate(blocks):
            yield from _block(f"messages.{index}.content.{at}", role, block, ask)
    yield from _pairs(turns, called_before)
    yield from _end(ask, turns)


def _system(index: int, roles: Sequence[str], model: str) -> Iterator[str]:
    """Newer models take instructions amid the conversation, at the end of the user's turn."""
    generation = claude_generation(model)
    if generation is not None and generation < _INNER_SYSTEM_FROM:
        yield f"messages.{index}: role 'system' is not supported on this model"
    after_user = index > 0 and roles[index - 1] == "user"
    before_answer = roles[index + 1 : index + 2] in ([], ["assistant"])
    if not (after_user and before_answer):
        yield (
            f"messages.{index}: a `system` message must follow a user turn, and end the "
            "conversation or precede an assistant turn"
        )


def _blocks(content: str | Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if isinstance(content, str):
        return ({"type": "text", "text": content},) if content else ()
    return content


def _block(where: str, role: str, block: Mapping[str, Any], ask: Ask) -> Iterator[str]:
    kind = block["type"]
    if role == "user" and kind in _NOT_THE_USERS:
        yield f"{where}: `{kind}` blocks may only be specified in assistant messages"
    if role == "assistant" and kind in ("tool_result", "image"):
        yield f"{where}: `{kind}` blocks may only be specified in user messages"
    strict_version = ask.header("anthropic-version") == _STRICT_VERSION
    if role == "assistant" and kind == "document" and strict_version:
        yield f"{where}: `document` blocks may only be specified in user messages"
    match kind:
        case "text":
            if not block["text"]:
                yield "messages: text content blocks must be non-empty"
            elif not block["text"].strip():
                yield "messages: text content blocks must contain non-whitespace text"
        case "tool_use":
            yield from _id(f"{where}.tool_use.id", block["id"])
            if not 1 <= len(block["name"]) <= 200:
                yield f"{where}.tool_use.name: String should have at most 200 characters"
        case "tool_result":
            yield from _id(f"{where}.tool_result.tool_use_id", block["tool_use_id"])
            for at, inner in enumerate(_blocks(block.get("content") or ())):
                yield from _block(f"{where}.tool_result.content.{at}", "user", inner, ask)
        case "thinking":
            if not is_signed(block["thinking"], block["signature"]):
                yield f"{where}: Invalid `signature` in `thinking` block"
        case "redacted_thinking":
            if not is_base64(block["data"]):
                yield f"{where}: Invalid `data` in `redacted_thinking` block"
        case "image" | "document":
            yield from _source(f"{where}.{kind}.source", block["source"])


def _id(where: str, identifier: str) -> Iterator[str]:
    if not _ID.fullmatch(identifier):
        yield f"{where}: String should match pattern '^[a-zA-Z0-9_-]+$'"


def _source(where: str, source: Mapping[str, Any]) -> Iterator[str]:
    kind = source.get("type")
    if kind == "base64" and not is_base64(source["data"]):
        yield f"{where}.base64.data: The data is not valid base64"
    if kind == "url" and not is_url(source["url"]):
        yield f"{where}.url.url: Only HTTPS URLs are supported."


def _pairs(
    turns: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], called_before: Sequence[str]
) -> Iterator[str]:
    """Calls are answered at once, completely, and before anything else is said.

    Neighbours of one role count as one turn.
    """
    seen: set[str] = set()
    expected: set[str] = set()
    open_calls = list(called_before)
    called_at = 0
    previous = ""
    text_before = False
    for index, (role, blocks) in enumerate(turns):
        if role != previous:
            if role != "user" and open_calls:
                yield _unanswered(called_at, open_calls)
            text_before = False
            expected = set(open_calls)
            previous = role
        for at, block in enumerate(blocks):
            kind = block["type"]
            if kind == "tool_use":
                if block["id"] in seen:
                    yield "messages: `tool_use` ids must be unique"
                seen.add(block["id"])
                open_calls.append(block["id"])
                called_at = index
            elif kind == "tool_result":
                identifier = block["tool_use_id"]
                if role != "user" or identifier not in expected:
                    yield (
                        f"messages.{index}.content.{at}: unexpected `tool_use_id` found in "
                        f"`tool_result` blocks: {identifier}. Each `tool_result` block must have a "
                        "corresponding `tool_use` block in the previous message."
                    )
                elif identifier not in open_calls:
                    yield f"messages.{index}: each tool_use must have a single result."
                elif text_before:
                    yield _unanswered(called_at, open_calls)
                open_calls = [call for call in open_calls if call != identifier]
            elif role == "user":
                text_before = True
    if open_calls:
        yield _unanswered(called_at, open_calls)


def _unanswered(index: int, calls: Sequence[str]) -> str:
    return (
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
        f"after: {', '.join(calls)}. Each `tool_use` block must have a corresponding `tool_result` "
        "block in the next message."
    )


def _end(ask: Ask, turns: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> Iterator[str]:
    role, blocks = turns[-1]
    generation = claude_generation(ask.model)
    thinking = (ask.body.get("thinking") or {}).get("type")
    if role == "assistant":
        if generation is not None and generation >= _WITHOUT_PREFILL:
            yield (
                "This model does not support assistant message prefill. The conversation must end "
                "with a user message."
            )
        if thinking == "enabled":
            yield "When `thinking` is enabled, the conversation must not end with a prefill."
        text = blocks[-1].get("text", "") if blocks else ""
        if text != text.rstrip():
            yield "messages: final assistant content cannot end with trailing whitespace"
    if thinking == "enabled" and len(turns) > 1:
        yield from _thinking_before_calls(len(turns) - 2, *turns[-2])


def _thinking_before_calls(
    index: int, role: str, blocks: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """A turn that is not over, since its calls are only now answered, keeps its thinking."""
    called = any(block["type"] == "tool_use" for block in blocks)
    if role == "assistant" and called and blocks[0]["type"] not in _THINKING:
        yield (
            f"messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but "
            f"found `{blocks[0]['type']}`. When `thinking` is enabled, a final `assistant` message "
            "must start with a thinking block (preceeding the lastmost set of `tool_use` and "
            "`tool_result` blocks). To avoid this requirement, disable `thinking`."
        )
