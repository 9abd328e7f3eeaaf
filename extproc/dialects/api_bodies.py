"""JSON bodies of requests that are not routed: the models that they name, the ids that they hold.

https://platform.openai.com/docs/api-reference/batch/create and
https://platform.claude.com/docs/en/api/creating-message-batches
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from extproc.core.faults import Fault
from extproc.dialects.api_paths import MESSAGE_BATCHES
from extproc.dialects.body import Buffer
from extproc.dialects.inline_routes import INLINE_MEMBERS
from extproc.dialects.outline import Member
from extproc.dialects.reading import Read, read_json, read_some, read_whole
from extproc.dialects.request import outgoing_body, requested_model, without_preferences
from extproc.errors import ClientError

__all__ = ["ApiBody", "read_body"]

_REFERENCES: Final = (
    "previous_response_id",
    "input_file_id",
    "training_file",
    "file_id",
)
"""Members that hold the id of something that a provider has made."""

_OTHERS: Final = ("model", "stream", *INLINE_MEMBERS)
_MOST_PARTS_OF_A_BATCH: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ApiBody:
    """A body, read. ``models`` are the names of models in it, each once, and ``ids`` those of what
    it refers to. ``document`` is empty where the body is, or is no object; ``members`` are those of
    a large one."""

    raw: bytes
    document: Mapping[str, Any]
    models: tuple[str, ...]
    ids: tuple[str, ...]
    is_message_batch: bool = False
    members: tuple[Member, ...] | None = None

    @property
    def streamed(self) -> bool:
        """Whether it asks for a stream."""
        return self.document.get("stream") is True

    def renamed(self, model_ids: Mapping[str, str]) -> tuple[Buffer, ...]:
        """The body for a provider, in pieces: its own names for the models, no preferences.

        What needs no change stays as it came, byte for byte. A batch of messages of which a model
        has another name is written anew.

        Args:
            model_ids: what the provider calls each of ``models``.

        Raises:
            ClientError: what must be changed stands more than once, or is oddly spelled (400).
        """
        if self.is_message_batch:
            return (self._renamed_batch(model_ids),)
        if not self.models:
            return (
                without_preferences(self.raw, self.members).pieces if self.document else (self.raw,)
            )
        return outgoing_body(self.raw, model_ids[self.models[0]], self.members).pieces

    def _renamed_batch(self, model_ids: Mapping[str, str]) -> bytes:
        if all(name == model_ids[name] for name in self.models):
            return self.raw
        for params in _params(self.document):
            params["model"] = model_ids[params["model"]]
        return orjson.dumps(self.document)


def read_body(path: str, raw: bytes, *, large: bool = False) -> ApiBody:
    """Read a JSON body, or an empty one.

    Args:
        path: the client's, without query.
        raw: the body.
        large: read no more than is needed, so that other threads run meanwhile. Of a large body
            that is no batch only what tells where it goes is known to be JSON.

    Raises:
        ClientError: it is no JSON, or a model's name in it is no string (400).
    """
    batch = path == MESSAGE_BATCHES
    members = None
    if large:
        document, members = _large(raw, batch=batch)
    else:
        document = read_json(raw) if raw.strip() else {}
    if not isinstance(document, dict):
        document = {}
    ids = tuple(one for name in _REFERENCES if isinstance(one := document.get(name), str) and one)
    if batch:
        names = dict.fromkeys(_model(params) for params in _params(document))
        return ApiBody(raw, document, tuple(names), ids, is_message_batch=True, members=members)
    model = requested_model(document)
    return ApiBody(raw, document, () if model is None else (model,), ids, members=members)


def _large(raw: bytes, *, batch: bool) -> Read:
    if batch:
        return read_whole(raw, _MOST_PARTS_OF_A_BATCH)
    return read_some(raw, (*_REFERENCES, *_OTHERS))


def _params(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What each request of a batch asks for; what is malformed is the provider's to judge."""
    requests = document.get("requests")
    for request in requests if isinstance(requests, list) else ():
        params = request.get("params") if isinstance(request, dict) else None
        if isinstance(params, dict) and "model" in params:
            yield params


def _model(params: Mapping[str, Any]) -> str:
    name = requested_model(params)
    if name is None:
        raise ClientError(
            400,
            "'model' must not be empty.",
            param="requests.params.model",
            reason=Fault.INVALID_PARAMETER,
        )
    return name
