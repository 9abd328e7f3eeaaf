"""The script that judges answers, run by LuaJIT as Envoy runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from extproc.bootstrap.judge import script

JSON = "application/json"
ANSWER = b'{"id": "1", "object": "chat.completion", "choices": [{"index": 0}]}'
MODEL = "openai/gpt-4o"

_HANDLE = """
function(get, replace, remove, set, known, body)
  local waits = 0
  local function until_a_wait(methods)
    local given_at, wrapped = waits, {}
    for name, method in pairs(methods) do
      wrapped[name] = function(...)
        assert(given_at == waits, "object used outside of proper scope")
        return method(...)
      end
    end
    return wrapped
  end
  local headers = {
    get = function(_, name) return get(name) end,
    replace = function(_, name, value) replace(name, value) end,
    remove = function(_, name) remove(name) end,
  }
  local metadata = {
    get = function(_, name) return known end,
    set = function(_, space, key, value) set(key, value) end,
  }
  local buffer = {
    length = function() return #body end,
    getBytes = function(_, at, size)
      assert(at + size <= #body, "index/length must be >= 0 and (index + length) <= buffer size")
      return string.sub(body, at + 1, at + size)
    end,
    setBytes = function(_, bytes) body = bytes; return #bytes end,
  }
  return {
    headers = function() return until_a_wait(headers) end,
    body = function()
      waits = waits + 1
      return buffer
    end,
    streamInfo = function()
      return until_a_wait({ dynamicMetadata = function() return until_a_wait(metadata) end })
    end,
  }, function() return body end
end
"""
"""What Envoy gives a script: until it waits for the body, and then anew."""


@dataclass
class Judged:
    """An answer after the script has seen it."""

    headers: dict[str, str]
    body: bytes
    told: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        message: str = json.loads(self.body)["error"]["message"]
        return message


_RUNTIME = LuaRuntime(encoding=None)
_RUNTIME.execute(script(traced=True).encode())
_ENVOY = _RUNTIME.eval(_HANDLE.encode())


def judge(
    body: bytes = ANSWER,
    status: int = 200,
    *,
    path: str = "/v1/chat/completions",
    upstream_path: str = "/v1/chat/completions",
    streamed: bool = False,
    **headers: str,
) -> Judged:
    values = {":status": str(status), "content-type": JSON}
    values |= {name.replace("_", "-"): value for name, value in headers.items()}
    judged = Judged(values, body)
    known = {
        b"model": MODEL.encode(),
        b"path": path.encode(),
        b"upstream_path": upstream_path.encode(),
        b"streamed": b"1" if streamed else b"0",
    }

    def get(name: bytes) -> bytes | None:
        value = values.get(name.decode())
        return None if value is None else value.encode()

    def replace(name: bytes, value: bytes) -> None:
        values[name.decode()] = value.decode()

    def remove(name: bytes) -> None:
        values.pop(name.decode(), None)

    def tell(key: bytes, value: bytes) -> None:
        judged.told[key.decode()] = value.decode()

    handle, left = _ENVOY(get, replace, remove, tell, _table(known), body)
    _RUNTIME.eval(b"envoy_on_response")(handle)
    judged.body = left()
    return judged


def _table(values: Mapping[bytes, bytes]) -> Any:
    return _RUNTIME.table_from(values)


def test_an_answer_is_left_alone() -> None:
    judged = judge()
    assert (judged.body, judged.told) == (ANSWER, {})
    assert judged.headers == {":status": "200", "content-type": JSON}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.unmeasured  # what it tries is Lua
@given(st.dictionaries(st.text(min_size=3), _json, min_size=1), st.booleans())
def test_any_object_but_an_error_is_an_answer(document: dict[str, Any], ascii_only: bool) -> None:
    document = {"id": "1"} | {key: value for key, value in document.items() if key != "id"}
    body = json.dumps(document, ensure_ascii=ascii_only).encode()
    assert judge(body).headers[":status"] == "200"


@pytest.mark.unmeasured  # what it tries is Lua
@given(st.dictionaries(st.text(), _json), st.data())
def test_no_part_of_one_is(document: dict[str, Any], data: st.DataObject) -> None:
    body = json.dumps({"id": "1"} | document).encode()
    end = data.draw(st.integers(1, len(body) - 1))
    assert judge(body[:end]).headers[":status"] == "502"


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        (b"", "empty", "gave an empty answer"),
        (b" \r\n", "empty", "gave an empty answer"),
        (b"<html>\n  <body>no", "not_json", "gave no JSON but this: <html> <body>no"),
        (b'["a"]', "not_json", 'gave no JSON but this: ["a"]'),
        (ANSWER[:40], "cut_short", "gave half an answer: {"),
        (b'{"error": {"message": "no"}}', "error", 'an error with status 200: {"error": {"mess'),
        (b'{"error":"no"}', "error", 'gave an error with status 200: {"error":"no"}'),
        (b'{"type":"error","error":{}}', "error", "gave an error with status 200: {"),
        (b'{"object":"chat.completion","choices":[ ]}', "no_choices", "without choices: {"),
        (b'{"id":{"choices":[1]},"choices":[],"object":"chat.completion"}', "no_choices", "es: {"),
    ],
)
def test_what_is_no_answer(body: bytes, verdict: str, words: str) -> None:
    judged = judge(body)
    assert judged.headers == {
        ":status": "502",
        "content-type": JSON,
        "content-length": str(len(judged.body)),
        "x-dragoman-another-may": "no_answer",
    }
    assert judged.told == {"verdict": verdict}
    assert words in judged.message
    assert judged.message.startswith(f"The provider of {MODEL} ")


@pytest.mark.parametrize(
    "body", [b'{"error": null, "id": 1}', b'{"type":"message","content":[],"choices":[]}']
)
def test_what_only_looks_like_it(body: bytes) -> None:
    assert judge(body).headers[":status"] == "200"


def test_a_long_answer_is_judged_by_its_ends() -> None:
    inside = b'{"id": "%s' % (b"x" * 100_000)
    assert judge(inside + b'"}').headers[":status"] == "200"
    assert judge(inside).told == {"verdict": "cut_short"}
    assert len(judge(inside).message) < 400


@given(st.binary(min_size=1, max_size=600))
def test_whatever_came_the_error_is_json(body: bytes) -> None:
    judged = judge(b"<" + body)
    assert judged.message.startswith("The provider of")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/messages", "error"),
        ("/deep/v1/messages?beta=true", "error"),
        ("/v1/chat/completions", None),
        ("/v1/responses", None),
    ],
)
def test_the_error_is_in_the_providers_dialect(path: str, kind: str | None) -> None:
    assert json.loads(judge(b"", upstream_path=path).body).get("type") == kind


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://user:pass@elsewhere.example:8443/path?key=secret", "to elsewhere.example:8443,"),
        ("//other.example/x", "redirects to other.example,"),
        ("/login?next=secret", "redirects to another path of the same host,"),
        (None, "redirects to another path of the same host,"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings"])
def test_a_redirect_ends_here(path: str, location: str | None, words: str) -> None:
    headers: dict[str, Any] = {} if location is None else {"location": location}
    judged = judge(b"moved", 302, path=path, **headers)
    assert judged.headers[":status"] == "502"
    assert "location" not in judged.headers
    assert judged.told == {"verdict": "redirected"}
    assert words in judged.message
    assert "secret" not in judged.message


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/files/x"])
def test_who_changes_the_protocol_has_not_answered(path: str) -> None:
    judged = judge(b"", 101, path=path)
    assert (judged.told, judged.headers[":status"]) == ({"verdict": "another_protocol"}, "502")


@pytest.mark.parametrize("status", [304, 400, 429, 503])
def test_other_statuses_speak_for_themselves(status: int) -> None:
    assert judge(b"", status).told == {}


def test_other_paths_have_answers_of_their_own() -> None:
    assert judge(b"", path="/v1/audio/speech").told == {}


def test_what_is_packed_cannot_be_judged() -> None:
    assert judge(b"\x1f\x8b", content_encoding="gzip").told == {}


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("text/event-stream", "text/event-stream"),
        ("Text/Event-Stream; Charset=utf-8", "text/event-stream; charset=utf-8"),
        ("text/plain", "text/event-stream"),
        (JSON, "text/event-stream"),
        ("", "text/event-stream"),
    ],
)
@pytest.mark.parametrize("known_length", [True, False])
def test_a_stream_is_called_one(kind: str, becomes: str, *, known_length: bool) -> None:
    body = b": hello\n\ndata: {}\n\n"
    headers: dict[str, Any] = {"content_length": str(len(body))} if known_length else {}
    judged = judge(body, streamed=True, content_type=kind, **headers)
    assert (judged.headers[":status"], judged.body) == ("200", body)
    assert judged.headers["content-type"] == becomes


@pytest.mark.parametrize(
    ("body", "kind", "verdict"),
    [
        (ANSWER, JSON, "not_a_stream"),
        (b"<html>", "text/html; charset=utf-8", "not_a_stream"),
        (b"", JSON, "empty"),
    ],
)
def test_what_is_no_stream(body: bytes, kind: str, verdict: str) -> None:
    judged = judge(body, streamed=True, content_type=kind)
    assert judged.told == {"verdict": verdict}
    assert judged.headers[":status"] == "502"


@pytest.mark.parametrize("body", [b"<html>", b""])
def test_a_length_tells_a_page_from_a_stream(body: bytes) -> None:
    length = str(len(body))
    judged = judge(body, streamed=True, content_type="text/plain", content_length=length)
    assert judged.headers[":status"] == "502"


@pytest.mark.parametrize("kind", ["", "text/event-stream", JSON])
def test_a_stream_without_a_body_is_none(kind: str) -> None:
    judged = judge(b"", 204, streamed=True, content_type=kind)
    assert (judged.told, judged.headers[":status"]) == ({"verdict": "empty"}, "502")


CHOICE = b'{"index": 0, "message": {"content": "%s"}, "finish_reason": %s}'


@pytest.mark.parametrize(
    ("choices", "noted"),
    [
        ([CHOICE % (b"hi", b'"stop"')], "stop"),
        ([CHOICE % (b"a", b'"length"'), CHOICE % (b"b", b'"tool_calls"')], "length,tool_calls"),
        ([CHOICE % (b"hi", b"null")], None),
        ([CHOICE % (rb"it said \"finish_reason\": \"stop\"", b'"length"')], "length"),
        ([CHOICE % (b"long " * 10_000, b'"stop"')], "stop"),
    ],
)
def test_why_a_chat_completion_ended_is_noted(choices: list[bytes], noted: str | None) -> None:
    answer = b'{"object": "chat.completion", "choices": [%s], "usage": {}}' % b", ".join(choices)
    assert judge(answer).told.get("finish_reasons") == noted
