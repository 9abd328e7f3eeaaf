"""What OpenAI's chat completions refuse.

The SDK's parameter types say which members there are; the sentences and the codes are the API's
own, as its users quote them. Providers that only speak its dialect give less cause for refusal:
their models take what OpenAI's reasoning models do not, and ``reasoning_content``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict.ask import Ask
from extproc.demo.provider.strict.chat_history import history_faults
from extproc.demo.provider.strict.flaw import Check
from extproc.demo.provider.strict.models import (
    gpt_generation,
    is_o_series,
    is_openai,
    openai_efforts,
    reasons,
)
from extproc.demo.provider.strict.openai_rules import (
    Fault,
    complaint_of,
    function_fault,
    range_faults,
    schema_fault,
    unsupported,
    unsupported_value,
)
from extproc.demo.provider.strict.shapes import Shapes
from extproc.demo.provider.strict.words import openai_complaint

__all__ = ["judge"]

_MOST_STOPS = 4
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
    "max_tokens": (1, 1_000_000),
    "max_completion_tokens": (1, 1_000_000),
}
_NOT_WHILE_REASONING = (
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)
_WITHOUT_TOOLS_BY_EFFORT = (5, 4)
_WITHOUT_TOOLS_BY_DEFAULT = (5, 5)
# Older chat completions are of the time before these.
_NEWER = ("max_completion_tokens", "reasoning_effort", "verbosity", "prompt_cache_key", "store")


def judge(ask: Ask) -> Complaint | None:
    """The error with which OpenAI answers a request; None if it serves it."""
    flaw = _check(is_openai(ask.model))(ask.body)
    return openai_complaint(flaw) if flaw is not None else complaint_of(_faults(ask))


@functools.cache
def _check(is_openai: bool) -> Check:
    # Importing an SDK takes long, so it is left to the first request that needs it.
    from openai.types.chat import ChatCompletionAssistantMessageParam
    from openai.types.chat.completion_create_params import CompletionCreateParamsBase

    # Answers go back into the history as they came, with members that the SDK does not declare.
    more: dict[str, Any] = {"annotations": list[object] | None}
    if not is_openai:
        more["reasoning_content"] = str | None
    shapes = Shapes(more={ChatCompletionAssistantMessageParam: more})
    return shapes.record(CompletionCreateParamsBase, {"stream": bool | None})


def _faults(ask: Ask) -> Iterator[Fault]:
    body = ask.body
    if ask.older_chat:
        for name in _NEWER:
            if name in body:
                yield Fault(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    elif is_openai(ask.model):
        yield from _model_faults(ask)
    yield from range_faults(body, _RANGES)
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        yield Fault(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            "max_completion_tokens",
            "invalid_parameter_combination",
        )
    stops = body.get("stop")
    if isinstance(stops, list) and len(stops) > _MOST_STOPS:
        yield Fault(
            f"Invalid 'stop': array too long. Expected an array with maximum length {_MOST_STOPS}, "
            f"but got an array with length {len(stops)} instead.",
            "stop",
            "array_above_max_length",
        )
    if body.get("stream_options") is not None and not body.get("stream"):
        yield Fault(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        yield Fault("'top_logprobs' requires 'logprobs' to be true.", "top_logprobs")
    yield from _tool_faults(body)
    yield from _format_faults(body)
    yield from history_faults(body["messages"], older=ask.older_chat)


def _model_faults(ask: Ask) -> Iterator[Fault]:
    body, model = ask.body, ask.model
    effort = body.get("reasoning_effort")
    if not reasons(model):
        if effort is not None:
            yield unsupported("reasoning_effort")
        return
    if body.get("max_tokens") is not None:
        yield unsupported("max_tokens", "Use 'max_completion_tokens' instead.")
    if body.get("stop") is not None:
        yield unsupported("stop")
    efforts = openai_efforts(model)
    if effort is not None and effort not in efforts:
        yield unsupported_value("reasoning_effort", effort, efforts)
    if effort != "none":
        if body.get("temperature", 1) not in (1, None):
            yield Fault(
                f"Unsupported value: 'temperature' does not support {body['temperature']} with "
                "this model. Only the default (1) value is supported.",
                "temperature",
                "unsupported_value",
            )
        for name in _NOT_WHILE_REASONING:
            if body.get(name) is not None:
                yield unsupported(name)
    if is_o_series(model) and body.get("parallel_tool_calls") is not None:
        yield unsupported("parallel_tool_calls")
    generation = gpt_generation(model)
    if generation is None or not body.get("tools"):
        return
    by_default = effort is None and generation >= _WITHOUT_TOOLS_BY_DEFAULT
    by_effort = effort not in (None, "none") and generation >= _WITHOUT_TOOLS_BY_EFFORT
    if by_default or by_effort:
        yield Fault(
            f"Function tools with reasoning_effort are not supported for {model} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set "
            "reasoning_effort to 'none'.",
            "reasoning_effort",
        )


def _tool_faults(body: Any) -> Iterator[Fault]:
    tools = body.get("tools")
    if tools is not None and not tools:
        yield Fault(
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "tools",
            "empty_array",
        )
    names = set()
    for index, tool in enumerate(tools or ()):
        function = tool.get("function") or tool.get("custom")
        names.add(function["name"])
        yield from function_fault(f"tools[{index}].function", function)
    choice = body.get("tool_choice")
    if not names:
        for name in ("tool_choice", "parallel_tool_calls"):
            if body.get(name) is not None:
                yield Fault(f"'{name}' is only allowed when 'tools' are specified.", name)
    elif isinstance(choice, dict):
        chosen = choice.get("function") or choice.get("custom")
        if chosen and chosen["name"] not in names:
            yield Fault(
                f"Tool choice '{chosen['name']}' not found in 'tools' parameter.", "tool_choice"
            )


def _format_faults(body: Any) -> Iterator[Fault]:
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        yield from schema_fault("response_format.json_schema", form["json_schema"])
    elif form.get("type") == "json_object" and "json" not in str(body["messages"]).lower():
        yield Fault(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
            "messages",
        )
