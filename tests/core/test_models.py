from __future__ import annotations

import pytest

from extproc.core.models import Dialect, Endpoint, Model

MODEL = Model(
    "openai/gpt-4o",
    "openai",
    "gpt-4o",
    Endpoint("https", "h", 443, "h"),
    {Dialect.CHAT: "/v1/chat/completions", Dialect.RESPONSES: "/v1/models/{model}/responses"},
)


def test_the_dialects_that_a_model_serves() -> None:
    assert MODEL.dialects == (Dialect.CHAT, Dialect.RESPONSES)
    assert [MODEL.serves(dialect) for dialect in Dialect] == [True, False, True]


def test_a_dialect_that_it_does_not_serve_has_no_path() -> None:
    assert MODEL.path(Dialect.RESPONSES) == "/v1/models/gpt-4o/responses"
    with pytest.raises(KeyError):
        MODEL.path(Dialect.MESSAGES)
