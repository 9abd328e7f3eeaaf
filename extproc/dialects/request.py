"""A client's request: what routing needs to know of it, and the body that goes to a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from extproc.core.conversation import Conversation
from extproc.core.models import Dialect
from extproc.core.routes import Route
from extproc.dialects import body as members
from extproc.dialects.inline_routes import INLINE_MEMBERS, inline_routes
from extproc.dialects.table import DIALECTS
from extproc.dialects.tools import tool_names
from extproc.errors import ClientError

__all__ = [
    "ClientRequest",
    "OutgoingBody",
    "outgoing_body",
    "parse",
    "read_json",
    "renamed_body",
    "requested_model",
    "without_inline_members",
]


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A request body, read.

    ``model`` is what the client asked for, None if nothing. ``inline_routes`` are the preferences
    that it sent along, None if it sent none.
    """

    dialect: Dialect
    model: str | None
    streamed: bool
    conversation: Conversation
    inline_routes: tuple[Route, ...] | None
    raw: bytes
    document: Mapping[str, Any]

    @property
    def goes_on_from(self) -> str | None:
        """The id of the kept answer that it goes on from, None if it begins anew."""
        path = DIALECTS[self.dialect].goes_on_from
        kept: Any = None if path is None else self.document
        for name in () if path is None else path.split("."):
            kept = kept.get(name) if isinstance(kept, dict) else None
        return kept if isinstance(kept, str) and kept else None

    @property
    def tool_names(self) -> tuple[str, ...]:
        """What its tools are called, see :func:`extproc.dialects.tools.tool_names`."""
        return tool_names(self.document)

    @property
    def keeps(self) -> bool:
        """Whether its answer may be asked for by its id, or gone on from."""
        return DIALECTS[self.dialect].keeps(self.document)


@dataclass(frozen=True, slots=True)
class OutgoingBody:
    """A body as the first candidate's provider gets it, and where in it the model's name is.

    ``model_start`` and ``model_end`` are byte offsets of the JSON string, quotes included: to put
    the request to another model is to replace these bytes.
    """

    data: bytes
    model_start: int
    model_end: int


def requested_model(document: Mapping[str, Any]) -> str | None:
    """The model that a body names, None if it names none.

    Raises:
        ClientError: ``model`` is no string (400).
    """
    model = document.get("model")
    if model is None or model == "":
        return None
    if not isinstance(model, str):
        raise ClientError(400, "'model' must be a string.", param="model")
    return model


def read_json(raw: bytes) -> Any:
    """What a body of JSON says.

    Raises:
        ClientError: it is no JSON (400).
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ClientError(400, f"The body is not valid JSON: {error.msg} ({where}).") from None


def parse(dialect: Dialect, raw: bytes) -> ClientRequest:
    """Read a client's body.

    Args:
        dialect: the dialect of the endpoint that it was sent to.
        raw: the body.

    Raises:
        ClientError: the body is not a JSON object, or what routing needs of it is missing or of the
            wrong type (400). Anything else in it is the provider's to judge.
    """
    document = read_json(raw)
    if not isinstance(document, dict):
        raise ClientError(400, "The body must be a JSON object.")
    return ClientRequest(
        dialect=dialect,
        model=requested_model(document),
        streamed=document.get("stream") is True,
        conversation=DIALECTS[dialect].conversation(document),
        inline_routes=inline_routes(document),
        raw=raw,
        document=document,
    )


def _find(raw: bytes, document: Mapping[str, Any], name: str) -> members.Member | None:
    try:
        return members.find(raw, document, name)
    except members.MemberError as error:
        raise ClientError(400, f"'{name}' {error}.", param=name) from None


def without_inline_members(
    raw: bytes, document: Mapping[str, Any]
) -> tuple[bytes, Mapping[str, Any]]:
    """A body, and what it was parsed to, without the preferences that are for us alone.

    Raises:
        ClientError: they stand more than once, or are oddly spelled (400).
    """
    for name in INLINE_MEMBERS:
        member = _find(raw, document, name)
        if member is not None:
            raw = members.remove(raw, member)
            document = {key: value for key, value in document.items() if key != name}
    return raw, document


def outgoing_body(request: ClientRequest, model_id: str) -> OutgoingBody:
    """The client's body for a provider, see :func:`renamed_body`.

    Args:
        request: the request as it was read.
        model_id: what the provider calls the model.

    Raises:
        ClientError: a member that must be changed stands more than once, or is oddly spelled (400).
    """
    return renamed_body(request.raw, request.document, model_id)


def renamed_body(raw: bytes, document: Mapping[str, Any], model_id: str) -> OutgoingBody:
    """A body for a provider: no preferences, another ``model``, all else untouched.

    Args:
        raw: a JSON object in UTF-8.
        document: what it was parsed to.
        model_id: what the provider calls the model.

    Raises:
        ClientError: a member that must be changed stands more than once, or is oddly spelled (400).
    """
    raw, document = without_inline_members(raw, document)
    value = orjson.dumps(model_id)
    model = _find(raw, document, "model")
    if model is None:
        data, model = members.insert_first(raw, document, "model", value)
    else:
        data = b"".join((raw[: model.value_start], value, raw[model.end :]))
    return OutgoingBody(data, model.value_start, model.value_start + len(value))
