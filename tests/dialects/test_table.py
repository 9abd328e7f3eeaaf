"""Each dialect's row, and that whoever needs something of a dialect takes it from there.

These tests ask of every row alike, so that a dialect that is added by a module and a row is held to
them too. Its documents go into ``GOLDEN``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.contract import DECISION_PREFIX
from extproc.core.config import Config
from extproc.core.conversation import Turn
from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.dialect import DialectSpec, Sign
from extproc.dialects.errors import error_body
from extproc.dialects.request import parse
from extproc.dialects.signs import read_signs
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS, ENDPOINTS
from extproc.errors import ClientError
from extproc.run_directory import RunDirectory
from extproc.worker.headers import request_line

ENVOYS_WORDS = "%LOCAL_REPLY_BODY%"


@dataclass(frozen=True)
class Golden:
    """What is said in a dialect: where to, a request, and events of its stream."""

    endpoint: str
    request: Mapping[str, Any]
    opening: Mapping[str, Any]
    content: Mapping[str, Any]
    failure: Mapping[str, Any]


HELLO = [{"role": "user", "content": "hello"}]
FAILED = {"error": {"type": "server_error", "message": "Overloaded"}}
GOLDEN: Mapping[Dialect, Golden] = {
    Dialect.CHAT: Golden(
        endpoint="/v1/chat/completions",
        request={"messages": HELLO},
        opening={"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
        content={"choices": [{"index": 0, "delta": {"content": "Hi"}}]},
        failure=FAILED,
    ),
    Dialect.MESSAGES: Golden(
        endpoint="/v1/messages",
        request={"messages": HELLO, "max_tokens": 9},
        opening={"type": "message_start", "message": {"role": "assistant", "content": []}},
        content={"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hi"}},
        failure={"type": "error"} | FAILED,
    ),
    Dialect.RESPONSES: Golden(
        endpoint="/v1/responses",
        request={"input": HELLO},
        opening={"type": "response.created", "response": {"status": "in_progress"}},
        content={"type": "response.output_text.delta", "delta": "Hi"},
        failure={"type": "response.failed", "response": {"status": "failed"} | FAILED},
    ),
}

rows = pytest.mark.parametrize(("dialect", "row"), DIALECTS.items(), ids=list(DIALECTS))


def test_every_dialect_has_a_row() -> None:
    assert set(DIALECTS) == set(Dialect) == set(GOLDEN)
    assert DEFAULT_DIALECT in DIALECTS


def test_the_dialects_of_the_endpoints() -> None:
    assert dict(ENDPOINTS) == {
        path: dialect
        for dialect, golden in GOLDEN.items()
        for path in (golden.endpoint, golden.endpoint.removeprefix("/v1"))
    }


@pytest.fixture(scope="module")
def managers() -> dict[str, dict[str, Any]]:
    """What each of Envoy's listeners does with connections, by its name."""
    endpoint = Endpoint("http", "127.0.0.1", 8080, "127.0.0.1:8080")
    model = Model("a/b", "a", "b", endpoint, {Dialect.CHAT: "/v1/chat/completions"})
    text = to_yaml(render(Config((model,)), Surroundings(RunDirectory(Path("/run")))))
    return {
        listener["name"]: listener["filter_chains"][0]["filters"][0]["typed_config"]
        for listener in yaml.load(text, yaml.CSafeLoader)["static_resources"]["listeners"]
    }


@rows
def test_its_endpoint_is_routed(
    managers: dict[str, dict[str, Any]], dialect: Dialect, row: DialectSpec
) -> None:
    (host,) = managers["ingress"]["route_config"]["virtual_hosts"]
    short = row.endpoint.removeprefix("/v1")
    for path in (row.endpoint, DECISION_PREFIX + row.endpoint, short, DECISION_PREFIX + short):
        posted, other = (each for each in host["routes"] if each["match"].get("path") == path)
        assert posted["match"]["headers"] == [
            {"name": ":method", "string_match": {"exact": "POST"}}
        ]
        refusal = ClientError(405, f"{path} takes POST only.", code="method_not_allowed")
        body = other["direct_response"]["body"]["inline_string"]
        assert body.encode() == error_body(dialect, refusal)
        assert request_line({":path": path}).dialect is dialect


def is_on(path: str, mapper: Mapping[str, Any]) -> bool:
    """Whether Envoy words replies on a path so, as far as the path matters."""
    matchers = [
        each["header_filter"]["header"]
        for each in mapper["filter"]["and_filter"]["filters"]
        if "header_filter" in each
    ]
    assert matchers
    assert all(matcher["name"] == ":path" for matcher in matchers)
    return all(
        bool(re.fullmatch(matcher["string_match"]["safe_regex"]["regex"], path))
        is not matcher.get("invert_match", False)
        for matcher in matchers
    )


def statuses(mapper: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for each in mapper["filter"]["and_filter"]["filters"]:
        if "status_code_filter" in each:
            comparison = each["status_code_filter"]["comparison"]
            yield comparison.get("op", "EQ"), comparison["value"]["default_value"]


def worded(mappers: list[Mapping[str, Any]], path: str, status: int) -> Mapping[str, Any]:
    """The body that Envoy gives a reply of its own: the first mapper that fits counts."""
    for mapper in mappers:
        of_status = list(statuses(mapper))
        fits = all(status >= bound if op == "GE" else status == bound for op, bound in of_status)
        if of_status and fits and is_on(path, mapper):
            found: Mapping[str, Any] = mapper["body_format_override"]["json_format"]
            return found
    raise AssertionError(f"nothing words a {status} on {path}")


@rows
@pytest.mark.parametrize("status", [400, 404, 413, 429, 500, 503, 504])
def test_envoys_own_replies_are_worded_by_it(
    managers: dict[str, dict[str, Any]], dialect: Dialect, row: DialectSpec, status: int
) -> None:
    assert row.endpoint.endswith(row.path_ending)
    paths = (row.endpoint, f"{DECISION_PREFIX}{row.endpoint}?a=b", f"/deep{row.path_ending}?a=b")
    kind = row.errors.type_of(status if status in (413, 429, 504) else status // 100 * 100)
    for manager in managers.values():
        for path in paths:
            body = worded(manager["local_reply_config"]["mappers"], path, status)
            message = body["error"]["message"]
            assert message.endswith(ENVOYS_WORDS)
            assert body == row.errors.local_reply(kind, message), (dialect, path)


@rows
def test_where_nobody_speaks_the_default_dialect_is_spoken(
    managers: dict[str, dict[str, Any]], dialect: Dialect, row: DialectSpec
) -> None:
    default = DIALECTS[DEFAULT_DIALECT].errors
    for manager in managers.values():
        for path in ("/", f"{row.path_ending}-more", ""):
            body = worded(manager["local_reply_config"]["mappers"], path, 400)
            assert body == default.local_reply(default.type_of(400), ENVOYS_WORDS), dialect


@rows
def test_below_its_endpoint_it_is_spoken(
    managers: dict[str, dict[str, Any]], dialect: Dialect, row: DialectSpec
) -> None:
    path = f"{row.endpoint}/more?a=b"
    for manager in managers.values():
        body = worded(manager["local_reply_config"]["mappers"], path, 400)
        assert body == row.errors.local_reply(row.errors.type_of(400), ENVOYS_WORDS), dialect
    (host,) = managers["ingress"]["route_config"]["virtual_hosts"]
    begins = {
        503: {f"{row.endpoint}/", "/v1/"},  # forwarded: until Python has answered
        404: {DECISION_PREFIX + row.endpoint, "/"},
    }
    for status, prefixes in begins.items():
        first, *_ = (
            each["direct_response"]
            for each in host["routes"]
            if {each["match"].get("path_separated_prefix"), each["match"].get("prefix")} & prefixes
            and "direct_response" in each
        )
        assert first["status"] == status
        said = json.loads(first["body"]["inline_string"])
        assert said.keys() == json.loads(error_body(dialect, ClientError(status, ""))).keys()
        lists = "GET /v1/models lists the models" in said["error"]["message"]
        assert lists is (status == 404)


@rows
def test_its_errors_name_their_kind(dialect: Dialect, row: DialectSpec) -> None:
    for status in (400, 401, 404, 413, 429, 500, 503, 504):
        text = error_body(dialect, ClientError(status, 'No "m" — 日本')).decode()
        assert row.errors.type_of(status) in text
        assert 'No \\"m\\" — 日本' in text
        assert isinstance(json.loads(text), dict)


@rows
def test_envoy_reads_its_usage(
    managers: dict[str, dict[str, Any]], dialect: Dialect, row: DialectSpec
) -> None:
    (filter_,) = (
        each
        for each in managers["attempt"]["http_filters"]
        if each["name"] == "envoy.filters.http.json_to_metadata"
    )
    read = [
        (rule["on_present"]["key"], ".".join(part["key"] for part in rule["selectors"]))
        for rule in filter_["typed_config"]["response_rules"]["rules"]
    ]
    assert row.usage_paths, dialect
    for count, paths in row.usage_paths.items():
        of_count = [path for key, path in read if key == count]
        assert [path for path in of_count if path in paths] == list(paths), (
            "in the row's order: the last that leads somewhere holds"
        )


@rows
def test_its_conversation_is_read(dialect: Dialect, row: DialectSpec) -> None:
    document = GOLDEN[dialect].request
    said = (Turn("user", "hello"),)
    assert row.conversation(document) == said
    assert parse(dialect, json.dumps(document).encode()).conversation == said
    with pytest.raises(ClientError, match="Missing required parameter"):
        row.conversation({})


@rows
def test_the_signs_of_its_stream_are_read(dialect: Dialect, row: DialectSpec) -> None:
    golden = GOLDEN[dialect]
    for event, sign in (
        (golden.opening, Sign.NOTHING_YET),
        (golden.content, Sign.CONTENT),
        (golden.failure, Sign.ERROR),
    ):
        assert row.sign(event) is sign
        assert read_signs(json.dumps(event).encode()).sign is sign


@rows
def test_its_openings_are_its_own(dialect: Dialect, row: DialectSpec) -> None:
    """What the gate relies on, who cannot know the dialect of a stream."""
    for other, golden in GOLDEN.items():
        if other is not dialect:
            assert row.sign(golden.opening) is Sign.CONTENT, other
