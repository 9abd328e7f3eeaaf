"""Estimates where a provider counts no tokens."""

from __future__ import annotations

import json

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.api_bodies import read_body
from extproc.dialects.api_paths import COUNT_TOKENS, api_path
from extproc.worker.token_estimates import estimate_reply, estimated_tokens

MODEL = Model("one/a", "one", "a", Endpoint("https", "h", 443, "h"), {Dialect.CHAT: "/chat"})
PATH = api_path(COUNT_TOKENS, anthropic=True)


@pytest.mark.parametrize("large", [False, True])
def test_longer_texts_have_more_tokens_however_the_body_is_read(large: bool) -> None:
    def tokens(words: int) -> int:
        said = {"role": "user", "content": "word " * words}
        raw = json.dumps({"model": "one/a", "messages": [said]}).encode()
        return estimated_tokens(PATH, read_body(COUNT_TOKENS, raw, large=large))

    assert 0 < tokens(10) < tokens(100)


def test_the_reply_says_that_it_is_an_estimate() -> None:
    reply = estimate_reply(12, MODEL, {"request-id": "r"})
    assert b'{"input_tokens":12}' in reply
    for word in (b"x-dragoman-estimated", b"one/a", b"request-id"):
        assert word in reply
