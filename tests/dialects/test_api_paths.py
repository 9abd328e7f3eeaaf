"""Whose a path is, what it asks for, and where it goes at a provider."""

from __future__ import annotations

import re

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.api_paths import UPLOADS, api_path

ENDPOINT = Endpoint("https", "h", 443, "h")
OPENAI = (Dialect.CHAT, Dialect.RESPONSES)


def model(path: str, dialect: Dialect = Dialect.CHAT) -> Model:
    return Model("a/b c", "a", "b c", ENDPOINT, {dialect: path})


@pytest.mark.parametrize(
    ("path", "dialects"),
    [
        ("/v1/embeddings", OPENAI),
        ("/v1/files/file-1", OPENAI),
        ("/v1/messages/count_tokens", (Dialect.MESSAGES,)),
        ("/v1/messages/batches/msgbatch_1", (Dialect.MESSAGES,)),
        ("/v1/responses/resp_1", (Dialect.RESPONSES,)),
        ("/v1/chat/completions/chatcmpl-1", (Dialect.CHAT,)),
        ("/v1/messagesandmore", OPENAI),
    ],
)
def test_whose_a_path_is(path: str, dialects: tuple[Dialect, ...]) -> None:
    found = api_path(path, anthropic=False)
    assert found.dialects == dialects
    assert found.spoken is dialects[0]


def test_files_are_anthropics_where_its_version_is_named() -> None:
    assert api_path("/v1/files", anthropic=True).dialects == (Dialect.MESSAGES,)
    assert api_path("/v1/responses/r", anthropic=True).dialects == (Dialect.RESPONSES,)


@pytest.mark.parametrize(
    ("endpoint", "named", "other"),
    [
        ("/v1/chat/completions", "/v1/files?x=1", "/v1/files?x=1"),
        ("/openai/v1/chat/completions", "/openai/v1/files?x=1", "/openai/v1/files?x=1"),
        ("/chat/completions", "/files?x=1", "/files?x=1"),
        (
            "/openai/deployments/{model}/chat/completions?api-version=2",
            "/openai/deployments/b%20c/files?api-version=2&x=1",
            "/openai/files?api-version=2&x=1",
        ),
    ],
)
def test_where_a_path_is_at_a_provider(endpoint: str, named: str, other: str) -> None:
    path, asked = api_path("/v1/files?x=1", anthropic=False), model(endpoint)
    assert path.at_provider(asked, Dialect.CHAT, named=True) == named
    assert path.at_provider(asked, Dialect.CHAT, named=False) == other


def test_a_path_under_an_endpoint() -> None:
    path = api_path("/v1/messages/batches", anthropic=False)
    asked = model("/anthropic/v1/messages", Dialect.MESSAGES)
    at_provider = path.at_provider(asked, Dialect.MESSAGES, named=False)
    assert at_provider == "/anthropic/v1/messages/batches"


@pytest.mark.parametrize(
    ("path", "models", "query"),
    [
        ("/v1/files", (), ""),
        ("/v1/files?a=%2F&b", (), "a=%2F&b"),
        ("/v1/files?model=", (), "model="),
        ("/v1/files?a=1&model=openai%2Fgpt&b=", ("openai/gpt",), "a=1&b="),
    ],
)
def test_a_model_in_the_query(path: str, models: tuple[str, ...], query: str) -> None:
    found = api_path(path, anthropic=False)
    assert (found.path, found.models, found.query) == ("/v1/files", models, query)


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("/v1/embeddings", ()),
        ("/v1/responses/input_tokens", ()),
        ("/v1/audio/transcriptions", ()),
        ("/v1/responses/resp_68f/input_items", ("resp_68f",)),
        ("/v1/vector_stores/vs_1/files/file-2", ("file-2", "vs_1")),
        ("/v1/files/file-abcdefghijklmnopqrst/content", ("file-abcdefghijklmnopqrst",)),
    ],
)
def test_ids_in_a_path(path: str, ids: tuple[str, ...]) -> None:
    assert api_path(path, anthropic=False).ids == ids


@pytest.mark.parametrize(
    ("path", "is_file"),
    [
        ("/v1/files/file-1/content", True),
        ("/v1/messages/batches/b1/results", True),
        ("/v1/audio/speech", True),
        ("/v1/files/file-1", False),
        ("/v1/audio/transcriptions", False),
    ],
)
def test_what_is_answered_with_a_file(path: str, is_file: bool) -> None:
    assert api_path(path, anthropic=False).is_file is is_file


@pytest.mark.parametrize(
    ("path", "upload"),
    [
        ("/v1/files", True),
        ("/v1/uploads/upload_1/parts", True),
        ("/v1/containers/c1/files", True),
        ("/v1/uploads", False),
        ("/v1/files/file-1", False),
        ("/v1/audio/transcriptions", False),
    ],
)
def test_forms_without_a_model(path: str, upload: bool) -> None:
    assert (re.fullmatch(UPLOADS, path) is not None) is upload
