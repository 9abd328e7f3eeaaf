"""Processors of a small house, and what comes out of them: an answer, a refusal, or a bug."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from extproc.contract import Role
from extproc.core.aside import Aside
from extproc.core.config import Config, Limits
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.routes import Route
from extproc.dialects.errors import error_body
from extproc.errors import ClientError
from extproc.intent import Intent
from extproc.transport.wire import Message
from extproc.worker.service import processors
from tests.helpers.arrivals import NO_BOUNDS
from tests.helpers.envoy_stream import Envoy
from tests.helpers.fixed_decisions import Classifier, decider, forwarding

__all__ = ["CONFIG", "Outcome", "served", "told"]

_ENDPOINT: Final = Endpoint("https", "h", 443, "h")


def _model(name: str, dialect: Dialect, path: str, **more: Any) -> Model:
    provider, _, model_id = name.partition("/")
    return Model(name, provider, model_id, _ENDPOINT, {dialect: path}, **more)


CONFIG: Final = Config(
    (
        _model("one/chat", Dialect.CHAT, "/v1/chat/completions", default=True),
        _model("two/messages", Dialect.MESSAGES, "/v1/messages"),
        _model("three/responses", Dialect.RESPONSES, "/v1/responses"),
    ),
    routes=(Route("code", "writing code", ("one/chat", "two/messages", "three/responses")),),
    limits=Limits(max_request_bytes=100_000),
)
_CLASSIFIER: Final = Classifier(Intent("code", 0.9))

Outcome = Sequence[Message] | ClientError


async def served(role: Role, *messages: Mapping[str, Any]) -> Outcome:
    """What a new processor answers, or the error that its client is told.

    Anything else that it raises is a bug, and is let through.
    """
    rooms = processors(
        CONFIG,
        decider(CONFIG, _CLASSIFIER),
        forwarding(CONFIG),
        lambda _: None,
        tuple,
        Aside(),
        NO_BOUNDS,
    )
    envoy = Envoy(*messages)
    try:
        await rooms[role]().serve(envoy)
    except ClientError as error:
        return error
    return envoy.heard


def told(error: ClientError) -> None:
    """Hold an error to what clients are promised: it is theirs, and says so in their dialect."""
    assert 400 <= error.status < 500, error
    for dialect in Dialect:
        body = json.loads(error_body(dialect, error))
        message = body["error"]["message"]
        assert isinstance(message, str)
        assert message.strip()
        assert len(message) < 20_000
