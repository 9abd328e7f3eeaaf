"""The fake provider's other paths: what it answers to embeddings, files, batches and the like.

It keeps nothing: whatever is asked for by an id is there.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final, TypeAlias

import orjson

from extproc.demo.provider.steps import Head, Step

__all__ = ["FILE", "Asked", "answer_elsewhere"]

FILE: Final = bytes(range(256)) * 4096
"""One MiB: the content of every file, and what every text sounds like."""

_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: ``ids`` are those in its path."""

    ids: tuple[str, ...]
    body: bytes
    content_type: str

    @property
    def json(self) -> Mapping[str, Any]:
        said = orjson.loads(self.body) if self.body else {}
        return said if isinstance(said, dict) else {}

    @property
    def model(self) -> str:
        """The model's name, in JSON or in a form."""
        if not self.content_type.startswith("multipart/"):
            return str(self.json.get("model", ""))
        headers = Message()
        headers["content-type"] = self.content_type
        boundary = b"--" + (headers.get_boundary() or "").encode()
        for part in self.body.split(boundary):
            head, _, value = part.partition(b"\r\n\r\n")
            if b'; name="model"' in head:
                return value.removesuffix(b"\r\n").decode()
        return ""


_Answer: TypeAlias = Callable[[Asked], Mapping[str, Any] | bytes]


def _new(prefix: str) -> str:
    return f"{prefix}{uuid.uuid4().hex}"


def _embeddings(asked: Asked) -> Mapping[str, Any]:
    given = asked.json.get("input", "")
    texts = given if isinstance(given, list) else [given]
    return {
        "object": "list",
        "model": asked.model,
        "data": [
            {"object": "embedding", "index": index, "embedding": [0.5, float(len(str(text)))]}
            for index, text in enumerate(texts)
        ],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }


def _completion(asked: Asked) -> Mapping[str, Any]:
    choice = {"index": 0, "text": "and so on", "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}
    return {
        "id": _new("cmpl-"),
        "object": "text_completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [choice],
        "usage": usage,
    }


def _moderation(asked: Asked) -> Mapping[str, Any]:
    verdict = {"flagged": False, "categories": {}, "category_scores": {}}
    return {"id": _new("modr-"), "model": asked.model, "results": [verdict]}


def _rerank(_: Asked) -> Mapping[str, Any]:
    return {"id": _new("rr-"), "results": [{"index": 0, "relevance_score": 0.9}]}


def _image(_: Asked) -> Mapping[str, Any]:
    return {"created": int(time.time()), "data": [{"b64_json": "aW1hZ2U="}]}


def _transcription(asked: Asked) -> Mapping[str, Any]:
    return {"text": f"{asked.model} heard {len(asked.body)} bytes"}


def _file(asked: Asked) -> Mapping[str, Any]:
    return {
        "id": asked.ids[0] if asked.ids else _new("file-"),
        "object": "file",
        "bytes": len(asked.body),
        "created_at": int(time.time()),
        "filename": "file.jsonl",
        "purpose": "batch",
        "status": "processed",
    }


def _batch(asked: Asked) -> Mapping[str, Any]:
    return {
        "id": asked.ids[0] if asked.ids else _new("batch_"),
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "input_file_id": asked.json.get("input_file_id", "file-1"),
        "completion_window": "24h",
        "status": "completed",
        "output_file_id": _new("file-"),
        "created_at": int(time.time()),
    }


def _response(asked: Asked) -> Mapping[str, Any]:
    return {
        "id": asked.ids[0],
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "model": "whatever-it-was",
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


def _message_batch(asked: Asked) -> Mapping[str, Any]:
    counts = {"processing": 0, "succeeded": 1, "errored": 0, "canceled": 0, "expired": 0}
    return {
        "id": asked.ids[0] if asked.ids else _new("msgbatch_"),
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": counts,
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-02T00:00:00Z",
        "ended_at": "2026-01-01T00:00:01Z",
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": None,
    }


_ROWS: Final[tuple[tuple[str, str, _Answer], ...]] = (
    ("POST", r"/embeddings", _embeddings),
    ("POST", r"/completions", _completion),
    ("POST", r"/moderations", _moderation),
    ("POST", r"/rerank", _rerank),
    ("POST", r"/images/(?:generations|edits)", _image),
    ("POST", r"/audio/speech", lambda _: FILE),
    ("POST", r"/audio/(?:transcriptions|translations)", _transcription),
    ("POST", r"/messages/count_tokens", lambda _: {"input_tokens": 42}),
    (
        "POST",
        r"/responses/input_tokens",
        lambda _: {"object": "response.input_tokens", "input_tokens": 7},
    ),
    (
        "POST",
        r"/responses/compact",
        lambda _: {
            "id": _new("resp_"),
            "object": "response.compaction",
            "created_at": 1,
            "output": [],
            "usage": {
                "input_tokens": 1,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 1,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 2,
            },
        },
    ),
    ("GET|POST", r"/responses/([^/]+)(?:/cancel)?", _response),
    ("GET", r"/responses/[^/]+/input_items", lambda _: {"object": "list", "data": []}),
    ("DELETE", r"/responses/([^/]+)", lambda asked: {"id": asked.ids[0], "deleted": True}),
    ("POST", r"/messages/batches", _message_batch),
    ("GET", r"/messages/batches", lambda _: {"data": [], "has_more": False}),
    ("GET", r"/messages/batches/[^/]+/results", lambda _: b'{"custom_id":"a"}\n'),
    ("GET|POST", r"/messages/batches/([^/]+)(?:/cancel)?", _message_batch),
    ("POST", r"/files", _file),
    ("GET", r"/files", lambda _: {"object": "list", "data": [], "has_more": False}),
    ("GET", r"/files/([^/]+)", _file),
    ("GET", r"/files/[^/]+/content", lambda _: FILE),
    ("DELETE", r"/files/([^/]+)", lambda asked: {"id": asked.ids[0], "deleted": True}),
    ("POST", r"/batches", _batch),
    ("GET|POST", r"/batches/([^/]+)(?:/cancel)?", _batch),
)


def answer_elsewhere(
    method: str, path: str, content_type: str, body: bytes
) -> Iterator[Step] | None:
    """The steps of the answer to a request at one of these paths, None at any other.

    Args:
        method: the HTTP method.
        path: the request target; whatever stands before the path does not matter.
        content_type: of the body, empty if it has none.
        body: the body.
    """
    target = path.partition("?")[0]
    for methods, pattern, row in _ROWS:
        found = re.fullmatch(f".*{pattern}", target)
        if found and method in methods.split("|"):
            said = row(Asked(found.groups(), body, content_type))
            return _steps(said, "application/octet-stream" if isinstance(said, bytes) else None)
    return None


def _steps(said: Mapping[str, Any] | bytes, content_type: str | None) -> Iterator[Step]:
    body = said if isinstance(said, bytes) else orjson.dumps(said)
    yield Head(
        200,
        (
            ("content-type", content_type or "application/json"),
            ("content-length", str(len(body))),
            ("x-request-id", _new("req_")),
        ),
    )
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]
