"""A request in Anthropic's dialect, for one model.

Shapes: ``anthropic.types.message_create_params``, https://docs.anthropic.com/en/api/messages.
"""

from __future__ import annotations

from typing import Any

import orjson

from extproc.core.models import Dialect
from extproc.dialects.translation.common.fields import too_deep
from extproc.dialects.translation.common.finding_losses import Losses, dropped, place
from extproc.dialects.translation.common.identifiers import digest
from extproc.dialects.translation.form import ChoiceMode, ReasoningSettings, Request
from extproc.dialects.translation.losses import Loss
from extproc.dialects.translation.messages.obstacles import obstacles, prefilled
from extproc.dialects.translation.messages.sampling import put_sampling
from extproc.dialects.translation.messages.thinking import (
    UNTHOUGHT,
    goes_on_unthought,
    has_budget,
    told_to_think,
)
from extproc.dialects.translation.messages.writing_extras import put_extras
from extproc.dialects.translation.messages.writing_tools import (
    bounded_schema,
    write_choice,
    write_tools,
)
from extproc.dialects.translation.messages.writing_turns import Conversation
from extproc.dialects.translation.translator import Target, Written

__all__ = ["write_request"]

_Body = dict[str, Any]

_FORCED = frozenset({ChoiceMode.REQUIRED, ChoiceMode.NAMED})
_JSON_OBJECT = "Answer with one JSON object and nothing else."


def _max_tokens(request: Request, target: Target, losses: Losses) -> int:
    ceiling = target.traits.output_ceiling
    wanted = request.max_tokens
    if wanted is None:
        return ceiling or target.default_max_tokens
    if ceiling is not None and wanted > ceiling:
        reason = f"the model writes at most {ceiling:,} tokens"
        losses.put(Loss("clamped:max_tokens", place(request, "max_tokens"), reason=reason))
        return ceiling
    return wanted


def _asks_to_think(settings: ReasoningSettings, dialect: Dialect) -> bool:
    if settings.enabled is False or settings.effort == "none":
        return False
    if settings.adaptive or settings.enabled or settings.budget is not None:
        return True
    # Anthropic's effort is the whole answer's; OpenAI's is the reasoning's.
    return settings.effort is not None and dialect is not Dialect.MESSAGES


def _put_thinking(body: _Body, request: Request, target: Target, losses: Losses) -> None:
    settings = request.reasoning
    if settings is None:
        return
    barred = None
    if request.choice is not None and request.choice.mode in _FORCED and "tools" in body:
        barred = "a model that must call a tool does not think before"
    elif prefilled(request) is not None:
        barred = "a model that continues a turn does not think before"
    elif has_budget(settings, target.traits) and goes_on_unthought(body["messages"]):
        barred = UNTHOUGHT
    told = told_to_think(
        settings,
        target.traits,
        body["max_tokens"],
        place(request, "reasoning"),
        wanted=_asks_to_think(settings, request.dialect),
        barred=barred,
    )
    for loss in told.losses:
        losses.put(loss)
    if told.thinking is not None:
        body["thinking"] = told.thinking
        if settings.summary is not None and told.thinking["type"] == "adaptive":
            hidden = settings.summary == "omitted"
            body["thinking"]["display"] = "omitted" if hidden else "summarized"
    elif settings.enabled is False and request.dialect is Dialect.MESSAGES:
        body["thinking"] = {"type": "disabled"}
    if told.effort is not None:
        body["output_config"] = {"effort": told.effort}


def _put_stop(body: _Body, request: Request, target: Target, losses: Losses) -> None:
    if not request.stop:
        return
    path = place(request, "stop")
    if target.traits.stop is False:
        losses.put(dropped("stop", path, "the model takes no stop sequences"))
        return
    visible = [sequence for sequence in request.stop if sequence and not sequence.isspace()]
    if visible:
        body["stop_sequences"] = visible
    if len(visible) < len(request.stop):
        losses.put(dropped("stop", path, "the provider takes no blank stop sequences"))


def _put_format(body: _Body, request: Request, talk: Conversation, losses: Losses) -> None:
    wanted = request.format
    if wanted is None:
        return
    if wanted.schema is None:
        talk.system.append({"type": "text", "text": _JSON_OBJECT})
        return
    schema = bounded_schema(wanted.schema, place(request, "format"), losses)
    if wanted.description and "description" not in schema:
        schema["description"] = wanted.description
    body.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": schema}


def _user(request: Request) -> str | None:
    if request.dialect is Dialect.MESSAGES:
        return request.user
    named = request.user or request.extras.get("safety_identifier")
    # Anthropic refuses e-mail addresses and telephone numbers.
    return digest(named) if isinstance(named, str) and named else None


def write_request(request: Request, target: Target) -> Written:
    """The request for a model of Anthropic's.

    Args:
        request: of any dialect.
        target: the model.

    Raises:
        ClientError: the history holds a tool call whose arguments are no JSON object, or nothing
            is said, or something is nested too deeply to be written (400).
    """
    losses = Losses(obstacles(request, target))
    talk = Conversation(request, target, losses)
    talk.write()
    body: _Body = {
        "model": target.model_id,
        "max_tokens": _max_tokens(request, target, losses),
        "messages": talk.messages,
    }
    tools = write_tools(request, talk, losses)
    if tools:
        body["tools"] = tools
        choice = write_choice(request, talk)
        if choice is not None:
            body["tool_choice"] = choice
    _put_thinking(body, request, target, losses)
    _put_format(body, request, talk, losses)
    put_sampling(body, request, target, losses)
    _put_stop(body, request, target, losses)
    if talk.system:
        body["system"] = talk.system
    if request.streamed:
        body["stream"] = True
    user = _user(request)
    if user is not None:
        body["metadata"] = {"user_id": user}
    put_extras(body, request, losses)
    talk.marks.limit(losses)
    try:
        data = orjson.dumps(body)
    except orjson.JSONEncodeError:
        raise too_deep() from None
    return Written(data, losses.told(), talk.names.changed)
