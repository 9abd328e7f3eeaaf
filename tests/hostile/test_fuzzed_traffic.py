"""Requests made of nearly right pieces, through a real Envoy: each gets an answer that says why."""

from __future__ import annotations

import asyncio
import json
from http.client import HTTPResponse
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.effort import examples
from tests.fuzz.strategies import BODIES, HEADERS, PATHS
from tests.helpers.house import House

_PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
_LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12)
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=16).filter(
    lambda name: (
        name
        not in (
            "host",
            "connection",
            "content-length",
            "transfer-encoding",
            "te",
            "upgrade",
            "expect",
            "keep-alive",
            "proxy-connection",
            "origin",
        )
    )
)
_TARGETS = st.one_of(
    PATHS,
    st.tuples(PATHS, _PRINTABLE).map("?".join),
    st.tuples(
        st.sampled_from(["/v1/models", "/v1/embeddings", "/v1/files", "/v1/responses", "/v1", ""]),
        _PRINTABLE,
    ).map("/".join),
)
_METHODS = st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "DELETE", "HEAD", "PATCH"])


def _request(target: str, method: str, headers: dict[str, str], body: bytes) -> bytes:
    own = {
        "host": "localhost",
        "connection": "close",
        "content-length": str(len(body)),
        "authorization": "Bearer a-client",
    }
    sent = {name: value for name, value in headers.items() if name != "content-length"} | own
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def _answer(house: House, method: str, request: bytes) -> tuple[int, bytes]:
    reader, writer = await house.connect()
    writer.write(request)
    raw = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    answer = HTTPResponse(
        cast(Any, SimpleNamespace(makefile=lambda _: BytesIO(raw))), method=method
    )
    answer.begin()
    return answer.status, answer.read()


@settings(examples(60), suppress_health_check=[*HealthCheck])
@given(
    target=_TARGETS,
    method=_METHODS,
    headers=st.one_of(HEADERS, st.dictionaries(_NAMES, _LATIN, max_size=4)),
    body=BODIES,
)
async def test_any_request(
    house: House, target: str, method: str, headers: dict[str, str], body: bytes
) -> None:
    house.be_lenient()
    headers = {
        name: "".join(c for c in value if c >= " " and c != "\x7f").strip()
        for name, value in headers.items()
    }
    status, answered = await _answer(house, method, _request(target, method, headers, body))
    assert status < 500, answered
    if status >= 400 and method != "HEAD":
        error = json.loads(answered)["error"]
        assert error["message"].strip()
        assert error["type"]


async def test_others_notice_nothing(house: House) -> None:
    for path in ("/v1/chat/completions", "/v1/messages"):
        assert (await house.chat(path=path, max_tokens=5)).status_code == 200
