"""What OpenAI's responses API refuses.

The SDK's parameter types say which members there are, and are stricter than the API in a few places
that are listed here; the sentences and the codes are the API's own, as its users quote them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict.ask import Ask
from extproc.demo.provider.strict.flaw import Check
from extproc.demo.provider.strict.models import is_openai, openai_efforts, reasons
from extproc.demo.provider.strict.openai_rules import (
    Fault,
    complaint_of,
    function_fault,
    range_faults,
    schema_fault,
    unsupported,
    unsupported_value,
)
from extproc.demo.provider.strict.responses_history import history_faults
from extproc.demo.provider.strict.shapes import Shapes
from extproc.demo.provider.strict.words import openai_complaint

__all__ = ["judge"]

_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_logprobs": (0, 20),
    "max_output_tokens": (16, 1_000_000),
    "max_tool_calls": (1, 1_000_000),
}


def judge(ask: Ask) -> Complaint | None:
    """The error with which OpenAI answers a request; None if it serves it."""
    flaw = _check()(ask.body)
    return openai_complaint(flaw) if flaw is not None else complaint_of(_faults(ask))


@functools.cache
def _check() -> Check:
    # Importing an SDK takes long, so it is left to the first request that needs it.
    from openai.types import responses

    optional = {
        responses.FunctionToolParam: frozenset({"parameters", "strict"}),
        responses.ResponseOutputTextParam: frozenset({"annotations"}),
        responses.ResponseOutputMessageParam: frozenset({"id", "status", "type"}),
        responses.ResponseReasoningItemParam: frozenset({"id"}),
    }
    # Codex sends these to OpenAI, which takes them although no SDK declares them.
    item = {"id": str, "internal_chat_message_metadata_passthrough": dict[str, Any]}
    items = (
        responses.EasyInputMessageParam,
        responses.response_input_param.Message,
        responses.ResponseOutputMessageParam,
        responses.ResponseFunctionToolCallParam,
        responses.response_input_param.FunctionCallOutput,
        responses.ResponseReasoningItemParam,
    )
    params = responses.response_create_params.ResponseCreateParamsBase
    return Shapes(optional, dict.fromkeys(items, item)).record(
        params, {"stream": bool | None, "client_metadata": dict[str, str]}
    )


def _faults(ask: Ask) -> Iterator[Fault]:
    body = ask.body
    previous = body.get("previous_response_id")
    if previous is not None:
        if previous not in ask.memory.calls:
            yield Fault(
                f"Previous response with id '{previous}' not found.",
                "previous_response_id",
                "previous_response_not_found",
            )
        if body.get("conversation") is not None:
            yield Fault(
                "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.",
                None,
                "mutually_exclusive_parameters",
            )
    if "input" not in body and previous is None and body.get("prompt") is None:
        yield Fault("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    if is_openai(ask.model):
        yield from _model_faults(ask)
    yield from range_faults(body, _RANGES)
    yield from _tool_faults(body)
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        yield from schema_fault("text.format", form)
    elif form.get("type") == "json_object" and not _speaks_of_json(body):
        yield Fault(
            "Response input messages must contain the word 'json' in some form to use "
            "'text.format' of type 'json_object'.",
            "input",
        )
    if body.get("background") and body.get("store") is False:
        yield Fault("Background mode requires 'store' to be true.", "background")
    yield from history_faults(ask)


def _speaks_of_json(body: Mapping[str, Any]) -> bool:
    return "json" in f"{body.get('instructions')} {body.get('input')}".lower()


def _model_faults(ask: Ask) -> Iterator[Fault]:
    body = ask.body
    reasoning = body.get("reasoning") or {}
    effort = reasoning.get("effort")
    if not reasons(ask.model):
        for name in ("effort", "summary"):
            if reasoning.get(name) is not None:
                yield unsupported(f"reasoning.{name}")
        if "reasoning.encrypted_content" in (body.get("include") or ()):
            yield Fault("Encrypted content is not supported with this model.", "include")
        return
    efforts = openai_efforts(ask.model)
    if effort is not None and effort not in efforts:
        yield unsupported_value("reasoning.effort", effort, efforts)
    if effort != "none":
        for name in ("temperature", "top_p", "top_logprobs"):
            if body.get(name) is not None:
                yield unsupported(name)


def _tool_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    names = set()
    tools = body.get("tools") or ()
    for index, tool in enumerate(tools):
        if tool["type"] == "function":
            names.add(tool["name"])
            yield from function_fault(f"tools[{index}]", tool)
    choice = body.get("tool_choice")
    if choice == "required" and not tools:
        yield Fault(
            "Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice"
        )
    if isinstance(choice, dict) and choice["type"] == "function" and choice["name"] not in names:
        yield Fault(
            f"Tool choice '{choice['name']}' not found in 'tools' parameter.", "tool_choice"
        )
