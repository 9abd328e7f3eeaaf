"""A client's request: what routing needs to know of it, and the body that goes to a provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from extproc.core.conversation import Conversation
from extproc.core.models import Dialect
from extproc.core.routes import Route
from extproc.dialects.body import Edited, edited
from extproc.dialects.inline_routes import INLINE_MEMBERS, inline_routes
from extproc.dialects.malformed import invalid, no_object
from extproc.dialects.outline import Member
from extproc.dialects.reading import read_abridged, read_json
from extproc.dialects.table import DIALECTS
from extproc.dialects.tools import tool_names

__all__ = [
    "ClientRequest",
    "outgoing_body",
    "parse",
    "request_of",
    "requested_model",
    "without_preferences",
]

_NO_PREFERENCES: Final[Mapping[str, bytes | None]] = dict.fromkeys(INLINE_MEMBERS)


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A request body, read.

    ``model`` is what the client asked for, None if nothing. ``inline_routes`` are the preferences
    that it sent along, None if it sent none. ``members`` are those of a large body: what that says
    is abridged in ``document`` and in the conversation, and takes long to go through.
    """

    dialect: Dialect
    model: str | None
    streamed: bool
    conversation: Conversation
    inline_routes: tuple[Route, ...] | None
    raw: bytes
    document: Mapping[str, Any]
    members: tuple[Member, ...] | None = None

    @property
    def large(self) -> bool:
        """Whether to go through it would keep others waiting."""
        return self.members is not None

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


def requested_model(document: Mapping[str, Any]) -> str | None:
    """The model that a body names, None if it names none.

    Raises:
        ClientError: ``model`` is no string (400).
    """
    model = document.get("model")
    if model is None or model == "":
        return None
    if not isinstance(model, str):
        raise invalid("model", "must be a string")
    return model


def parse(dialect: Dialect, raw: bytes, *, large: bool = False) -> ClientRequest:
    """Read a client's body.

    Args:
        dialect: the dialect of the endpoint that it was sent to.
        raw: the body.
        large: read it so that other threads run meanwhile, see :mod:`extproc.dialects.reading`.

    Raises:
        ClientError: the body is not a JSON object, or what routing needs of it is missing or of the
            wrong type (400). Anything else in it is the provider's to judge.
    """
    document, members = read_abridged(raw) if large else (read_json(raw), None)
    if not isinstance(document, dict):
        raise no_object()
    return request_of(dialect, raw, document, members)


def request_of(
    dialect: Dialect,
    raw: bytes,
    document: Mapping[str, Any],
    members: tuple[Member, ...] | None = None,
) -> ClientRequest:
    """What a body says that has been read already.

    Args:
        dialect: the dialect of the endpoint that it was sent to.
        raw: the body.
        document: what was read of it.
        members: those of a large body.

    Raises:
        ClientError: see :func:`parse`.
    """
    return ClientRequest(
        dialect=dialect,
        model=requested_model(document),
        streamed=document.get("stream") is True,
        conversation=DIALECTS[dialect].conversation(document),
        inline_routes=inline_routes(document),
        raw=raw,
        document=document,
        members=members,
    )


def outgoing_body(raw: bytes, model_id: str, members: Sequence[Member] | None = None) -> Edited:
    """A body for a provider: no preferences, another ``model``, all else untouched.

    The place of ``model`` is that of its JSON string, quotes included: to put the request to
    another model is to replace these bytes.

    Args:
        raw: a JSON object in UTF-8 that has been read.
        model_id: what the provider calls the model.
        members: the body's, if they are known.

    Raises:
        ClientError: a member that must be changed stands more than once, or is oddly spelled (400).
    """
    changes = {**_NO_PREFERENCES, "model": orjson.dumps(model_id)}
    return edited(raw, changes, members)


def without_preferences(raw: bytes, members: Sequence[Member] | None = None) -> Edited:
    """A body without the preferences that are for us alone.

    Args:
        raw: a JSON object in UTF-8 that has been read.
        members: its members, if they are known.

    Raises:
        ClientError: they stand more than once, or are oddly spelled (400).
    """
    return edited(raw, _NO_PREFERENCES, members)
