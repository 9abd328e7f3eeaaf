"""What Anthropic refuses of a request's settings: limits, thinking, sampling, tools, outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.strict.ask import Ask
from extproc.demo.provider.strict.models import claude_generation, claude_output_ceiling
from extproc.demo.provider.strict.schemas import anthropic_fault

__all__ = ["judge"]

_SAMPLING = ("temperature", "top_p", "top_k")
_WITHOUT_SAMPLING = (4, 7)
_ADAPTIVE_FROM = (4, 6)
_EFFORT_FROM = (4, 5)
_ONE_OF_SAMPLING_FROM = (4, 5)
_STRICT_VERSION = "2026-10-21"
_LEAST_BUDGET = 1024
_MOST_CACHE_MARKS = 4
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_E_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_PHONE = re.compile(r"\+\d[\d ().-]{7,}\d")


def judge(ask: Ask) -> Complaint | None:
    """The first thing wrong with the settings of a body of the right shape."""
    message = next(_faults(ask), None)
    return None if message is None else Complaint(message, type="invalid_request_error")


def _faults(ask: Ask) -> Iterator[str]:
    yield from _limits(ask)
    yield from _sampling(ask)
    yield from _thinking(ask)
    yield from _tools(ask.body)
    yield from _output(ask)
    yield from _metadata(ask.body)
    marks = _cache_marks(ask.body)
    if marks > _MOST_CACHE_MARKS:
        yield (
            f"A maximum of {_MOST_CACHE_MARKS} blocks with cache_control may be provided. "
            f"Found {marks}."
        )


def _limits(ask: Ask) -> Iterator[str]:
    asked, ceiling = ask.body["max_tokens"], claude_output_ceiling(ask.model)
    if asked < 0 or (asked == 0 and ask.body.get("stream")):
        yield "max_tokens: Input should be greater than or equal to 1"
    if ceiling is not None and asked > ceiling:
        yield (
            f"max_tokens: {asked} > {ceiling}, which is the maximum allowed number of output "
            f"tokens for {ask.model}"
        )
    for index, sequence in enumerate(ask.body.get("stop_sequences") or ()):
        if not sequence.strip():
            yield f"stop_sequences.{index}: each stop sequence must contain non-whitespace"


def _sampling(ask: Ask) -> Iterator[str]:
    body, generation = ask.body, claude_generation(ask.model)
    given = [name for name in _SAMPLING if name in body]
    if not given:
        return
    if ask.header("anthropic-version") == _STRICT_VERSION:
        yield f"{given[0]}: Extra inputs are not permitted"
    if generation is not None and generation >= _WITHOUT_SAMPLING:
        yield f"`{given[0]}` is deprecated for this model."
    for name in ("temperature", "top_p"):
        if name in body and not 0 <= body[name] <= 1:
            side = "less than or equal to 1" if body[name] > 1 else "greater than or equal to 0"
            yield f"{name}: Input should be {side}"
    if "top_k" in body and body["top_k"] < 0:
        yield "top_k: Input should be greater than or equal to 0"
    one_only = generation is not None and generation >= _ONE_OF_SAMPLING_FROM
    if one_only and "temperature" in body and "top_p" in body:
        yield (
            "`temperature` and `top_p` cannot both be specified for this model. Please use only "
            "one."
        )


def _thinking(ask: Ask) -> Iterator[str]:
    body, generation = ask.body, claude_generation(ask.model)
    thinking = body.get("thinking") or {}
    kind = thinking.get("type")
    if kind not in ("enabled", "adaptive"):
        return
    if kind == "adaptive" and generation is not None and generation < _ADAPTIVE_FROM:
        yield "adaptive thinking is not supported on this model"
    if kind == "enabled":
        yield from _budget(body, thinking["budget_tokens"], generation)
    if body.get("temperature", 1) != 1:
        yield "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
    if "top_k" in body:
        yield "`top_k` must be unset when thinking is enabled."
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        yield "Thinking may not be enabled when tool_choice forces tool use."


def _budget(
    body: Mapping[str, Any], budget: int, generation: tuple[int, int] | None
) -> Iterator[str]:
    if generation is not None and generation >= _WITHOUT_SAMPLING:
        yield (
            '"thinking.type.enabled" is not supported for this model. Use '
            '"thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    if budget < _LEAST_BUDGET:
        yield (
            "thinking.enabled.budget_tokens: Input should be greater than or equal to "
            f"{_LEAST_BUDGET}"
        )
    if budget >= body["max_tokens"]:
        yield "`max_tokens` must be greater than `thinking.budget_tokens`."


def _tools(body: Mapping[str, Any]) -> Iterator[str]:
    names = set()
    for index, tool in enumerate(body.get("tools") or ()):
        name = tool.get("name")
        if name is not None and name in names:
            yield "tools: Tool names must be unique."
        names.add(name)
        schema = tool.get("input_schema")
        if schema is None:
            continue
        where = f"tools.{index}.custom"
        if not _TOOL_NAME.fullmatch(name):
            yield f"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
        if "type" not in schema:
            yield f"{where}.input_schema.type: Field required"
        elif schema["type"] != "object":
            yield f"{where}.input_schema.type: Input should be 'object'"
        if any(keyword in schema for keyword in ("oneOf", "allOf", "anyOf")):
            yield (
                f"{where}.input_schema: input_schema does not support oneOf, allOf, or anyOf at "
                "the top level"
            )
        if tool.get("strict") and (fault := anthropic_fault(schema)):
            yield f"{where}: {fault}"
    choice = body.get("tool_choice") or {}
    if choice and not names:
        yield "tool_choice: tool_choice may only be specified while providing tools"
    if choice.get("type") == "tool" and choice["name"] not in names:
        yield f"Tool '{choice['name']}' not found in provided tools"


def _output(ask: Ask) -> Iterator[str]:
    config = ask.body.get("output_config") or {}
    generation = claude_generation(ask.model)
    effort, form = config.get("effort"), config.get("format")
    if effort is not None and generation is not None:
        if generation < _EFFORT_FROM:
            yield "This model does not support the effort parameter."
        if effort == "xhigh" and generation < _WITHOUT_SAMPLING:
            yield "output_config.effort: 'xhigh' is not supported for this model."
        if effort == "max" and generation < _ADAPTIVE_FROM:
            yield "output_config.effort: 'max' is not supported for this model."
    if form is not None and (fault := anthropic_fault(form["schema"])):
        yield f"output_config.format.schema: {fault}"


def _metadata(body: Mapping[str, Any]) -> Iterator[str]:
    user = (body.get("metadata") or {}).get("user_id")
    if user is None:
        return
    if len(user) > 512:
        yield "metadata.user_id: String should have at most 512 characters"
    if _E_MAIL.fullmatch(user):
        yield "metadata.user_id: user_id appears to contain an email address"
    if _PHONE.fullmatch(user):
        yield "metadata.user_id: user_id appears to contain a phone number"


def _cache_marks(body: Mapping[str, Any]) -> int:
    """How many blocks ask to be cached; results have blocks of their own."""
    blocks: list[Any] = [*(body.get("tools") or ())]
    if isinstance(body.get("system"), list):
        blocks += body["system"]
    contents = [message["content"] for message in body["messages"]]
    while contents:
        content = contents.pop()
        if isinstance(content, list):
            blocks += content
            contents += [
                b["content"] for b in content if b.get("type") == "tool_result" and "content" in b
            ]
    marked = sum(1 for block in blocks if block.get("cache_control"))
    return marked + bool(body.get("cache_control"))
