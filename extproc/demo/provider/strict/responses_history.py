"""What OpenAI refuses of the input of its responses API: whose parts are whose, calls and outputs,
reasoning and references that it did not make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from extproc.demo.provider.seal import is_encrypted_by
from extproc.demo.provider.strict.ask import Ask
from extproc.demo.provider.strict.media import IMAGE_TYPES, data_url_fault, is_url
from extproc.demo.provider.strict.openai_rules import Fault, too_long

__all__ = ["history_faults"]

_FILE_TYPES = frozenset({"application/pdf"})
_CALL_ID_LENGTH = 64
_OUTPUTS = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
}
_CALLS = {output: call for call, output in _OUTPUTS.items()}
_PREFIXES = {"message": "msg", "reasoning": "rs", "function_call": "fc"}


def history_faults(ask: Ask) -> Iterator[Fault]:
    """What is wrong with an input of the right shape, first things first."""
    items = ask.body.get("input")
    if not isinstance(items, list):
        return
    open_calls = list(ask.memory.calls.get(ask.body.get("previous_response_id") or "", ()))
    known = set(open_calls)
    for index, item in enumerate(items):
        where = f"input[{index}]"
        kind = item.get("type") or ("message" if "role" in item else "item_reference")
        yield from _id(where, kind, item)
        match kind:
            case "message":
                yield from _message(where, item)
            case "function_call" | "custom_tool_call":
                yield from too_long(f"{where}.call_id", item["call_id"], _CALL_ID_LENGTH)
                open_calls.append(item["call_id"])
                known.add(item["call_id"])
            case "function_call_output" | "custom_tool_call_output":
                if item.get("call_id") is None:
                    yield _missing(f"{where}.call_id")
                yield from too_long(f"{where}.call_id", item["call_id"], _CALL_ID_LENGTH)
                if item["call_id"] not in known:
                    called = _CALLS[kind].replace("_", " ")
                    yield Fault(
                        f"No tool call found for {called} output with call_id {item['call_id']}.",
                        "input",
                    )
                open_calls = [call for call in open_calls if call != item["call_id"]]
                yield from _parts(f"{where}.output", item["output"])
            case "reasoning":
                yield from _reasoning(ask, where, items, index)
            case "item_reference":
                if item["id"] not in ask.memory.items:
                    yield Fault(f"Item with id '{item['id']}' not found.", "input", None, 404)
    if open_calls:
        yield Fault(f"No tool output found for function call {open_calls[0]}.", "input")


def _missing(where: str) -> Fault:
    return Fault(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")


def _id(where: str, kind: str, item: Mapping[str, Any]) -> Iterator[Fault]:
    prefix, identifier = _PREFIXES.get(kind), item.get("id")
    if prefix and identifier and not identifier.startswith(prefix):
        yield Fault(
            f"Invalid '{where}.id': '{identifier}'. Expected an ID that begins with '{prefix}'.",
            f"{where}.id",
            "invalid_value",
        )


def _message(where: str, item: Mapping[str, Any]) -> Iterator[Fault]:
    content = item["content"]
    if item["role"] == "assistant" and isinstance(content, list):
        for at, part in enumerate(content):
            if part["type"] not in ("output_text", "refusal"):
                yield Fault(
                    f"Invalid value: '{part['type']}'. Supported values are: 'output_text' and "
                    "'refusal'.",
                    f"{where}.content[{at}]",
                    "invalid_value",
                )
    yield from _parts(f"{where}.content", content)


def _parts(where: str, content: Any) -> Iterator[Fault]:
    if not isinstance(content, list):
        return
    for at, part in enumerate(content):
        inside = f"{where}[{at}]"
        url, data = part.get("image_url"), part.get("file_data")
        if part["type"] == "input_image":
            if url is None and part.get("file_id") is None:
                yield Fault(f"'{inside}' must have 'image_url' or 'file_id'.", inside)
            elif url and not is_url(url) and (fault := data_url_fault(url, IMAGE_TYPES)):
                yield Fault(f"Invalid '{inside}.image_url'. {fault}", inside, "invalid_value")
        elif data is not None:
            if fault := data_url_fault(data, _FILE_TYPES):
                yield Fault(f"Invalid '{inside}.file_data'. {fault}", inside, "invalid_value")
            if not part.get("filename"):
                yield _missing(f"{inside}.filename")


def _reasoning(ask: Ask, where: str, items: list[Any], index: int) -> Iterator[Fault]:
    item = items[index]
    sealed, identifier = item.get("encrypted_content"), item.get("id")
    if sealed is not None:
        if not is_encrypted_by(ask.provider, sealed):
            yield Fault(
                f"The encrypted content for item {identifier} could not be verified. Reason: "
                "Encrypted content could not be decrypted or parsed.",
                None,
                "invalid_encrypted_content",
            )
    elif identifier not in ask.memory.items:
        yield Fault(
            f"Item with id '{identifier}' not found. Items are not persisted when `store` is set "
            "to false. Try again with `store` set to true, or remove this item from your input.",
            "input",
            None,
            404,
        )
    if index == len(items) - 1:
        yield Fault(
            f"Item '{identifier}' of type 'reasoning' was provided without its required following "
            "item.",
            where,
        )
