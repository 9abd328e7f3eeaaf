"""What OpenAI refuses of a conversation in chat completions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from extproc.demo.provider.strict.media import IMAGE_TYPES, data_url_fault, is_url
from extproc.demo.provider.strict.openai_rules import Fault, too_long

__all__ = ["history_faults"]

_FILE_TYPES = frozenset({"application/pdf"})
_CALL_ID_LENGTH = 40


def history_faults(messages: Sequence[Mapping[str, Any]], *, older: bool) -> Iterator[Fault]:
    """What is wrong with messages of the right shape, first things first.

    Args:
        messages: the body's.
        older: whether the provider knows no role ``developer``.
    """
    if not messages:
        yield Fault(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "messages",
            "empty_array",
        )
    open_calls: list[str] = []
    called = False
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        role = message["role"]
        if older and role == "developer":
            yield Fault(f"Invalid value: 'developer' of '{where}.role'.", f"{where}.role")
        if role != "tool" and open_calls:
            yield _unanswered(where, open_calls)
        match role:
            case "tool":
                call = message["tool_call_id"]
                if call not in open_calls:
                    yield _unexpected(where, called)
                open_calls = [one for one in open_calls if one != call]
            case "assistant":
                calls = message.get("tool_calls") or ()
                called = bool(calls)
                open_calls = [call["id"] for call in calls]
                yield from _assistant(where, message)
            case _:
                called = False
        yield from _parts(where, message.get("content"))
    if open_calls:
        yield _unanswered(f"messages[{len(messages) - 1}]", open_calls)


def _assistant(where: str, message: Mapping[str, Any]) -> Iterator[Fault]:
    calls = message.get("tool_calls")
    if calls is not None and not calls:
        yield Fault(
            f"Invalid '{where}.tool_calls': empty array. Expected an array with minimum length 1, "
            "but got an empty array instead.",
            f"{where}.tool_calls",
            "empty_array",
        )
    said = any(message.get(name) for name in ("refusal", "function_call", "audio"))
    if message.get("content") is None and not calls and not said:
        yield Fault(
            f"Invalid value for 'content': expected a string, got null. ({where}.content)",
            f"{where}.content",
        )
    for at, call in enumerate(calls or ()):
        yield from too_long(f"{where}.tool_calls[{at}].id", call["id"], _CALL_ID_LENGTH)


def _parts(where: str, content: Any) -> Iterator[Fault]:
    if not isinstance(content, list):
        return
    if not content:
        yield Fault(f"Invalid '{where}.content': empty array.", f"{where}.content", "empty_array")
    for at, part in enumerate(content):
        inside = f"{where}.content[{at}]"
        if part["type"] == "image_url":
            url = part["image_url"]["url"]
            if not is_url(url) and (fault := data_url_fault(url, IMAGE_TYPES)):
                yield Fault(f"Invalid '{inside}.image_url.url'. {fault}", inside, "invalid_value")
        elif part["type"] == "file":
            yield from _file(inside, part["file"])


def _file(where: str, file: Mapping[str, Any]) -> Iterator[Fault]:
    data = file.get("file_data")
    if (data is None) == (file.get("file_id") is None):
        yield Fault(f"'{where}.file' must have either 'file_id' or 'file_data'.", f"{where}.file")
    elif data is not None:
        if fault := data_url_fault(data, _FILE_TYPES):
            yield Fault(f"Invalid '{where}.file.file_data'. {fault}", where, "invalid_value")
        if not file.get("filename"):
            yield Fault(
                f"Missing required parameter: '{where}.file.filename'.",
                f"{where}.file.filename",
                "missing_required_parameter",
            )


def _unanswered(where: str, calls: Sequence[str]) -> Fault:
    return Fault(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(calls)}",
        f"{where}.role",
    )


def _unexpected(where: str, called: bool) -> Fault:
    if called:
        return Fault(
            f"Invalid parameter: 'tool_call_id' of {where} is not found in 'tool_calls' "
            "of previous message.",
            f"{where}.tool_call_id",
        )
    return Fault(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
        "with 'tool_calls'.",
        f"{where}.role",
    )
