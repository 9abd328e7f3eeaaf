"""Writes the form as a request to a provider.

Shape: ``ResponseCreateParams`` of the ``openai`` SDK. Nothing of the answer is kept at the provider
unless the client asks for it: only this dialect stores by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.translation.common.efforts import asked_effort, nearest_effort, reasons
from extproc.dialects.translation.common.fields import too_deep
from extproc.dialects.translation.common.finding_losses import Losses, place
from extproc.dialects.translation.common.identifiers import Names, limited, token
from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.responses.obstacles import SKIPPED_EXTRAS, obstacles
from extproc.dialects.translation.responses.wire import LONGEST_NAME
from extproc.dialects.translation.responses.writing_items import write_items
from extproc.dialects.translation.responses.writing_tools import (
    write_choice,
    write_format,
    write_tools,
)
from extproc.dialects.translation.translator import Target, Written

__all__ = ["LEAST_TOKENS", "write_request"]

LEAST_TOKENS = 16
"""Of ``max_output_tokens``; less is a 400."""

_LONGEST_USER = 64
_BETWEEN_BLOCKS = "\n\n"

_OF_CHAT = frozenset(
    {
        "metadata",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
    }
)
"""Members that mean the same in both of OpenAI's dialects."""

_TIERS = {"standard_only": "default"}
_WITHOUT_MEANING = frozenset({"stream_options"})
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "service_tier": ("auto",),
    "top_logprobs": (0,),
}
"""At these values a member means the same as if it were not there."""

_SUMMARIES = {"summarized": "auto", "auto": "auto", "concise": "concise", "detailed": "detailed"}


def write_request(request: Request, target: Target) -> Written:
    """The request for a model, in this dialect.

    Args:
        request: as its dialect's reader read it.
        target: the model.

    Returns:
        The body, with all that it does not carry.

    Raises:
        ClientError: it is nested too deeply to be written (400).
    """
    losses = Losses(obstacles(request, target))
    names = Names(LONGEST_NAME)
    body: dict[str, Any] = {"model": target.model_id}
    _said(body, request, names, losses)
    _tools(body, request, names, losses)
    _limits(body, request, target, losses)
    _reasoning(body, request, target, losses)
    written_format = write_format(request, losses)
    if written_format is not None:
        body["text"] = {"format": written_format}
    if request.streamed:
        body["stream"] = True
    _user(body, request)
    _extras(body, request, losses)
    if request.dialect is not Dialect.RESPONSES:
        body.setdefault("store", False)
    try:
        data = json_bytes(body)
    except (TypeError, RecursionError):
        raise too_deep() from None
    return Written(data, losses.told(), names.changed)


def _said(body: dict[str, Any], request: Request, names: Names, losses: Losses) -> None:
    """The system's words are instructions unless nobody else says anything: an input is needed."""
    items = write_items(request, names, losses)
    instructions = _BETWEEN_BLOCKS.join(text.text for text in request.system)
    if any(text.cache is not None for text in request.system):
        losses.add("dropped:cache_control", "system", "OpenAI caches by itself")
    if instructions and items:
        body["instructions"] = instructions
    elif instructions:
        items.append({"type": "message", "role": "developer", "content": instructions})
    body["input"] = items


def _tools(body: dict[str, Any], request: Request, names: Names, losses: Losses) -> None:
    tools = write_tools(request, names, losses)
    if not tools:
        return
    body["tools"] = tools
    if request.choice is not None:
        body["tool_choice"] = write_choice(request.choice, request, names, losses)
    if request.parallel_tools is not None:
        body["parallel_tool_calls"] = request.parallel_tools


def _limits(body: dict[str, Any], request: Request, target: Target, losses: Losses) -> None:
    most = request.max_tokens
    if most is not None:
        path = place(request, "max_tokens")
        ceiling = target.traits.output_ceiling
        bounded = max(most, LEAST_TOKENS)
        if bounded != most:
            losses.add("clamped:max_tokens", path, f"{LEAST_TOKENS} is the least here")
        if ceiling is not None and bounded > ceiling:
            bounded = ceiling
            losses.add("clamped:max_tokens", path, f"the model writes at most {ceiling}")
        body["max_output_tokens"] = bounded
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is None:
            continue
        if target.traits.sampling is not False:
            body[name] = value
        elif value != 1:
            losses.add(f"dropped:{token(name)}", name, "the model does not take it")
    if request.top_k is not None:
        losses.add("dropped:top_k", "top_k", "OpenAI does not take it")
    if request.stop:
        path = place(request, "stop")
        losses.add("dropped:stop", path, "the responses API takes no stop sequences")


def _reasoning(body: dict[str, Any], request: Request, target: Target, losses: Losses) -> None:
    settings = request.reasoning
    if settings is None:
        return
    path = place(request, "reasoning")
    effort = asked_effort(settings)
    if not reasons(target.traits):
        if effort != "none":
            losses.add("dropped:effort", path, "the model does not reason")
        return
    written = {}
    if effort is not None and not (effort == "none" and target.traits.efforts is None):
        written["effort"] = nearest_effort(effort, target.traits.efforts)
        if written["effort"] != effort:
            reason = f"the model knows no effort of {effort}"
            losses.add("clamped:effort", path, reason)
    if settings.summary in _SUMMARIES and effort != "none":
        written["summary"] = _SUMMARIES[settings.summary]
    if written:
        body["reasoning"] = written


def _user(body: dict[str, Any], request: Request) -> None:
    user = request.user
    if not user:
        return
    if request.dialect is Dialect.MESSAGES:
        body["safety_identifier"] = limited(user, _LONGEST_USER)
    else:
        body["user"] = user


def _extras(body: dict[str, Any], request: Request, losses: Losses) -> None:
    own = request.dialect is Dialect.RESPONSES
    for name, value in request.extras.items():
        if name in _WITHOUT_MEANING or name in SKIPPED_EXTRAS:
            continue
        if value is None or value in ([], {}) or value in _NEUTRAL.get(name, ()):
            continue
        if name == "verbosity":
            body.setdefault("text", {})["verbosity"] = value
        elif own:
            outer, dot, inner = name.partition(".")
            if dot:
                body.setdefault(outer, {})[inner] = value
            else:
                body[name] = value
        elif name in _OF_CHAT and request.dialect is Dialect.CHAT:
            body[name] = value
        elif name == "service_tier" and isinstance(value, str) and value in _TIERS:
            body[name] = _TIERS[value]
        else:
            path = request.paths.get(name, name)
            losses.add(f"dropped:{token(name)}", path, "the responses API has no such member")
