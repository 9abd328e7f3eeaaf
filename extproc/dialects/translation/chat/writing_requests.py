"""Writes a request for a provider of chat completions.

Shapes: https://platform.openai.com/docs/api-reference/chat/create; the type definitions are those
of the ``openai`` SDK (``CompletionCreateParams``).
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.extras import carried_extras
from extproc.dialects.translation.chat.naming import LONGEST_NAME, OPENAI, limit_member
from extproc.dialects.translation.chat.obstacles import obstacles
from extproc.dialects.translation.chat.reasoning import chosen_effort
from extproc.dialects.translation.chat.writing_messages import written_messages
from extproc.dialects.translation.chat.writing_parts import Writing
from extproc.dialects.translation.chat.writing_tools import write_tools
from extproc.dialects.translation.common.fields import too_deep
from extproc.dialects.translation.common.finding_losses import RequestLosses
from extproc.dialects.translation.common.identifiers import Names, limited, spelled
from extproc.dialects.translation.common.strictness import is_strict
from extproc.dialects.translation.form import OutputFormat, Request
from extproc.dialects.translation.translator import Target, Written

__all__ = ["write_request"]

_MOST_STOPS: Final = 4
_NEUTRAL: Final = 1
"""The ``temperature`` and ``top_p`` that every dialect samples with unless it is told another."""
_LONGEST_USER: Final = 64
_NAMELESS: Final = "answer"


def _write_limits(
    request: Request, target: Target, body: dict[str, Any], losses: RequestLosses
) -> None:
    traits, most = target.traits, request.max_tokens
    if most is not None:
        if traits.output_ceiling is not None and most > traits.output_ceiling:
            most = traits.output_ceiling
            losses.of("clamped:max_tokens", "max_tokens", f"the model writes at most {most}")
        body[limit_member(target.provider)] = most
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is None:
            continue
        if traits.sampling is not False:
            body[name] = value
        elif value != _NEUTRAL:
            losses.of(f"dropped:{name}", name, "the model does not take it")
    if request.top_k is not None:
        losses.of("dropped:top_k", "top_k", "chat does not know it")
    if not request.stop:
        return
    if traits.stop is False:
        losses.of("dropped:stop", "stop", "the model takes no stop sequences")
        return
    if len(request.stop) > _MOST_STOPS:
        losses.of("clamped:stop", "stop", f"chat takes {_MOST_STOPS} stop sequences")
    body["stop"] = request.stop[:_MOST_STOPS]


def _format(given: OutputFormat, client: Dialect) -> dict[str, Any]:
    if given.schema is None:
        return {"type": "json_object"}
    described: dict[str, Any] = {
        "name": spelled(given.name, LONGEST_NAME) if given.name else _NAMELESS,
        "schema": given.schema,
    }
    if given.description is not None:
        described["description"] = given.description
    strict = given.strict
    if strict is None and client is Dialect.MESSAGES and is_strict(given.schema):
        strict = True
    if strict is not None:
        described["strict"] = strict
    return {"type": "json_schema", "json_schema": described}


def _write_user(request: Request, target: Target, body: dict[str, Any]) -> None:
    """Anthropic's ``user_id`` is what OpenAI has renamed to ``safety_identifier``."""
    if request.user is None:
        return
    renamed = request.dialect is Dialect.MESSAGES and target.provider in OPENAI
    name = "safety_identifier" if renamed else "user"
    body.setdefault(name, limited(request.user, _LONGEST_USER))


def _bytes(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        raise too_deep() from None


def write_request(request: Request, target: Target) -> Written:
    """A request in chat's form, see ``Translator.write_request``.

    Raises:
        ClientError: it is nested too deeply to be written (400).
    """
    losses = RequestLosses(request, obstacles(request, target))
    names = Names(LONGEST_NAME)
    body: dict[str, Any] = {
        "model": target.model_id,
        "messages": written_messages(request, Writing(target, names, losses)),
    }
    if request.streamed:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    body.update(write_tools(request, target, names, losses))
    _write_limits(request, target, body, losses)
    effort = chosen_effort(request.reasoning, target.traits, losses, tools="tools" in body)
    if effort is not None:
        body["reasoning_effort"] = effort
    if request.format is not None:
        body["response_format"] = _format(request.format, request.dialect)
    body.update(carried_extras(request, target, losses))
    _write_user(request, target, body)
    return Written(_bytes(body), losses.told(), names.changed)
