"""Envoy's access log, in Envoy's own messages, and what is read from it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from envoy_data_plane.envoy.config.core.v3 import Metadata
from envoy_data_plane.envoy.data.accesslog.v3 import (
    AccessLogCommon,
    HttpAccessLogEntry,
    HttpRequestProperties,
    HttpResponseProperties,
    ResponseFlags,
)
from envoy_data_plane.envoy.service.accesslog.v3 import StreamAccessLogsMessage as Theirs
from envoy_data_plane.envoy.service.accesslog.v3 import (
    StreamAccessLogsMessageHttpAccessLogEntries,
    StreamAccessLogsMessageIdentifier,
)
from envoy_data_plane.google.protobuf import Struct, Value

from extproc.core.models import Dialect
from extproc.core.outcomes import Blame, StreamEnd
from extproc.core.records import Attempt, Completion
from extproc.core.usage import Usage
from extproc.observer.access_log import AccessLogReader
from extproc.transport.wire import StreamAccessLogsMessage
from tests.helpers.near import near

BEGAN = datetime.datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=datetime.UTC)
AT = BEGAN.timestamp()
ID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
ATTEMPT = {"request_id": ID, "attempt": "2", "model": "openai/gpt-4o"}


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


def struct(fields: Mapping[str, str | int]) -> Struct:
    return Struct(
        fields={
            name: Value(string_value=value)
            if isinstance(value, str)
            else Value(number_value=float(value))
            for name, value in fields.items()
        }
    )


def metadata(
    remembered: Mapping[str, str] | None = None,
    usage: Mapping[str, int] | None = None,
    made: Mapping[str, str] | None = None,
) -> Metadata:
    found = {"dragoman": remembered, "dragoman.usage": usage, "dragoman.made": made}
    return Metadata(
        filter_metadata={
            name: struct(fields) for name, fields in found.items() if fields is not None
        }
    )


def attempt_entry(
    remembered: Mapping[str, str] | None = None,
    usage: Mapping[str, int] | None = None,
    status: int | None = 200,
    headers: Mapping[str, str] | None = None,
    details: str = "via_upstream",
    **common: Any,
) -> HttpAccessLogEntry:
    told: dict[str, Any] = {
        "start_time": BEGAN,
        "duration": seconds(1.5),
        "time_to_first_upstream_rx_byte": seconds(0.25),
        "upstream_cluster": "openai/gpt-4o",
        "metadata": metadata(ATTEMPT if remembered is None else remembered, usage),
    }
    return HttpAccessLogEntry(
        common_properties=AccessLogCommon(**(told | common)),
        request=HttpRequestProperties(path="/v1/chat/completions", request_id=ID),
        response=HttpResponseProperties(
            response_code=status,
            response_code_details=details,
            response_headers=dict(headers or {}),
        ),
    )


def request_entry(
    request: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
    **common: Any,
) -> HttpAccessLogEntry:
    told: dict[str, Any] = {
        "start_time": BEGAN,
        "duration": seconds(2.25),
        "upstream_request_attempt_count": 3,
    }
    asked: dict[str, Any] = {
        "request_id": ID,
        "path": "/openai/v1/chat",
        "request_headers": {"x-dragoman-path": "/v1/chat/completions?a=b"},
    }
    return HttpAccessLogEntry(
        common_properties=AccessLogCommon(**(told | common)),
        request=HttpRequestProperties(**(asked | dict(request or {}))),
        response=HttpResponseProperties(
            response_code=status,
            response_code_details="via_upstream",
            response_headers=dict(headers or {}),
        ),
    )


def message(log: str | None, *entries: HttpAccessLogEntry) -> bytes:
    """What Envoy writes on the wire; only a stream's first message names the log."""
    identifier = None if log is None else StreamAccessLogsMessageIdentifier(log_name=log)
    return bytes(
        Theirs(
            identifier=identifier,
            http_logs=StreamAccessLogsMessageHttpAccessLogEntries(log_entry=list(entries)),
        )
    )


def read(*messages: bytes) -> list[Attempt | Completion]:
    reader = AccessLogReader()

    def events() -> Iterator[Attempt | Completion]:
        for raw in messages:
            yield from reader.read(StreamAccessLogsMessage.FromString(raw))

    return list(events())


def attempt(**entry: Any) -> Attempt:
    (event,) = read(message("attempt", attempt_entry(**entry)))
    assert isinstance(event, Attempt)
    return event


def completion(**entry: Any) -> Completion:
    (event,) = read(message("request", request_entry(**entry)))
    assert isinstance(event, Completion)
    return event


def test_an_attempt() -> None:
    usage = {"prompt_tokens": 321, "completion_tokens": 45, "prompt_cached": 300}
    assert attempt(usage=usage) == Attempt(
        request_id=ID,
        number=2,
        model="openai/gpt-4o",
        cluster="openai/gpt-4o",
        at=near(AT, within=1e-6),
        status=200,
        duration=1.5,
        first_byte=0.25,
        details="via_upstream",
        usage=Usage(321, 45, 300),
    )


def test_an_attempt_that_nobody_answered() -> None:
    told = attempt(
        status=None,
        time_to_first_upstream_rx_byte=None,
        response_flags=ResponseFlags(downstream_connection_termination=True),
    )
    assert (told.status, told.first_byte, told.flags) == (0, None, "DC")
    assert not told.succeeded
    assert told.usage == Usage()


def test_a_wildcards_attempt_names_the_model_and_its_entry() -> None:
    told = attempt(remembered=ATTEMPT | {"model": "openai/gpt-9"}, upstream_cluster="openai/*")
    assert (told.model, told.cluster) == ("openai/gpt-9", "openai/*")


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ("dropped:seed", ("dropped:seed",)),
        ("dropped:seed, clamped:temperature", ("dropped:seed", "clamped:temperature")),
        ("", ()),
    ],
)
def test_what_its_translation_lost(told: str, codes: tuple[str, ...]) -> None:
    assert attempt(remembered=ATTEMPT | {"translation": told}).translation == codes


def test_names_are_those_of_the_configuration() -> None:
    """In headers, metadata and names of clusters they are percent-encoded."""
    name = "a/mod%C3%A8le 100%25"
    told = attempt(remembered=ATTEMPT | {"model": name}, upstream_cluster=name)
    assert told.model == told.cluster == "a/modèle 100%"
    ended = completion(headers={"x-dragoman-model": name, "x-dragoman-route": "caf%C3%A9"})
    assert (ended.model, ended.route) == ("a/modèle 100%", "café")


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 2}, Usage(10, 2)),
        ({"prompt_tokens": 10, "completion_tokens": 2, "prompt_cached": 4}, Usage(10, 2, 4)),
        ({"prompt_tokens": 10, "completion_tokens": 0, "prompt_cached": 0}, Usage(10, 0, 0)),
        ({"prompt_tokens": 10}, Usage(10)),
        ({"input_tokens": 10, "output_tokens": 2}, Usage(10, 2)),
        ({"input_tokens": 10, "output_tokens": 2, "input_cached": 4}, Usage(10, 2, 4)),
        (
            {"input_tokens": 10, "output_tokens": 2, "cache_read": 4, "cache_written": 7},
            Usage(21, 2, 4, 7),
        ),
        ({"input_tokens": 10, "output_tokens": 2, "cache_read": 4}, Usage(14, 2, 4)),
        ({"input_tokens": 10, "output_tokens": 2, "cache_written": 7}, Usage(17, 2, None, 7)),
        (
            {"input_tokens": 10, "output_tokens": 2, "cache_read": 0, "cache_written": 0},
            Usage(10, 2, 0, 0),
        ),
        ({"output_tokens": 2}, Usage(None, 2)),
        ({"cache_read": 4, "output_tokens": 2}, Usage(None, 2, 4)),
        ({}, Usage()),
        (None, Usage()),
    ],
)
def test_the_tokens_of_the_three_dialects(reported: Mapping[str, int] | None, usage: Usage) -> None:
    assert attempt(usage=reported).usage == usage


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (None, ""),
        (ResponseFlags(), ""),
        (ResponseFlags(upstream_connection_termination=True), "UC"),
        (ResponseFlags(upstream_remote_reset=True, local_reset=True), "LR,UR"),
        (
            ResponseFlags(
                upstream_retry_limit_exceeded=True,
                no_healthy_upstream=True,
                upstream_overflow=True,
            ),
            "UH,UO,URX",
        ),
        (ResponseFlags(stream_idle_timeout=True, duration_timeout=True), "DT,SI"),
        (ResponseFlags(dns_resolution_failure=True), "dns_resolution_failure"),
    ],
)
def test_flags_have_envoys_short_names(flags: ResponseFlags | None, names: str) -> None:
    assert attempt(response_flags=flags).flags == names
    assert completion(response_flags=flags).flags == names


@pytest.mark.parametrize(
    ("flag", "succeeded"),
    [
        ("upstream_connection_termination", False),
        ("upstream_remote_reset", False),
        ("upstream_request_timeout", False),
        ("stream_idle_timeout", False),
        ("downstream_connection_termination", True),
        ("downstream_remote_reset", True),
    ],
)
def test_an_answer_that_breaks_off_is_no_success(flag: str, succeeded: bool) -> None:
    raised: dict[str, Any] = {flag: True}
    told = attempt(response_flags=ResponseFlags(**raised))
    assert told.status == 200
    assert told.succeeded is succeeded


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Wed, 04 Mar 2026 05:06:19 GMT"}, pytest.approx(19 - 7.89 - 1.5)),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30s"}, 90.0),
    ],
)
def test_how_long_a_provider_asks_to_be_left_alone(
    headers: Mapping[str, str], asked: float | None
) -> None:
    """A date counts from the end of the attempt."""
    assert attempt(status=429, headers=headers).retry_after == asked


@pytest.mark.parametrize(
    "remembered",
    [
        {},
        {"attempt": "1", "model": "m"},
        {"request_id": "", "attempt": "1", "model": "m"},
        {"request_id": ID, "model": "m"},
        {"request_id": ID, "attempt": "first", "model": "m"},
    ],
)
def test_an_attempt_of_no_request_is_left_out(remembered: Mapping[str, str]) -> None:
    entries = attempt_entry(remembered=remembered), attempt_entry()
    assert [event.request_id for event in read(message("attempt", *entries))] == [ID]


def test_an_attempt_without_any_metadata_is_left_out() -> None:
    assert read(message("attempt", attempt_entry(metadata=None), HttpAccessLogEntry())) == []


def test_the_end_of_a_request() -> None:
    headers = {"x-dragoman-model": "openai/gpt-4o", "x-dragoman-route": "code"}
    assert completion(headers=headers) == Completion(
        request_id=ID,
        at=near(AT, within=1e-6),
        status=200,
        duration=2.25,
        attempts=3,
        model="openai/gpt-4o",
        route="code",
        details="via_upstream",
        dialect=Dialect.CHAT,
    )


def test_the_end_of_a_request_that_went_nowhere() -> None:
    ended = completion(status=404, upstream_request_attempt_count=0)
    assert (ended.status, ended.attempts, ended.model, ended.route) == (404, 0, None, None)


def test_a_request_without_an_id_is_left_out() -> None:
    entries = request_entry({"request_id": ""}), HttpAccessLogEntry(), request_entry()
    assert [event.request_id for event in read(message("request", *entries))] == [ID]


@pytest.mark.parametrize(
    ("asked", "sent", "dialect"),
    [
        ("/v1/messages", "/anthropic/v1/messages", Dialect.MESSAGES),
        ("/v1/responses?x=y", "/openai/v1/responses", Dialect.RESPONSES),
        (None, "/v1/messages", Dialect.MESSAGES),
        (None, "/routing/v1/messages?x=y", Dialect.MESSAGES),
        (None, "/v1/models", None),
        (None, "", None),
    ],
)
def test_the_dialect_is_that_of_the_path_that_the_client_asked_for(
    asked: str | None, sent: str, dialect: Dialect | None
) -> None:
    headers = {} if asked is None else {"x-dragoman-path": asked}
    assert completion(request={"path": sent, "request_headers": headers}).dialect is dialect


@pytest.mark.parametrize(
    ("path", "forwarded", "made"),
    [
        ("/v1/chat/completions", False, ()),
        ("/v1/messages?beta=true", False, ("file-2", "resp_1")),
        ("/v1/responses?a=b", False, ("file-2", "resp_1")),
        ("/v1/files", True, ("file-2", "resp_1")),
        ("/v1/responses/resp_1/cancel", True, ("file-2",)),
        ("/v1/batches?a=/v1/chat/completions", True, ("file-2", "resp_1")),
    ],
)
def test_what_was_made_where_it_is_asked_for_again(
    path: str, forwarded: bool, made: tuple[str, ...]
) -> None:
    told = metadata(ATTEMPT | {"path": path}, {}, {"id": "resp_1", "output_file": "file-2"})
    (attempt,) = read(message("attempt", attempt_entry(metadata=told)))
    assert isinstance(attempt, Attempt)
    assert (attempt.forwarded, attempt.made) == (forwarded, made)


def kinds(events: Sequence[object]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_only_the_first_message_says_which_log_it_is() -> None:
    attempts = message("attempt", attempt_entry()), message(None, attempt_entry(), attempt_entry())
    assert kinds(read(*attempts)) == ["Attempt"] * 3
    requests = message("request", request_entry()), message(None, request_entry())
    assert kinds(read(*requests)) == ["Completion"] * 2


def test_each_stream_has_a_log_of_its_own() -> None:
    first, second = AccessLogReader(), AccessLogReader()
    for reader, log in ((first, "attempt"), (second, "request")):
        assert list(reader.read(StreamAccessLogsMessage.FromString(message(log)))) == []
    told = StreamAccessLogsMessage.FromString(message(None, attempt_entry()))
    assert kinds(list(first.read(told))) == ["Attempt"]
    assert kinds(list(second.read(told))) == ["Completion"]


@pytest.mark.parametrize("log", ["another", None])
def test_a_log_that_is_none_of_ours_says_nothing(log: str | None) -> None:
    assert read(message(log, attempt_entry(), request_entry())) == []


STREAM = {"content-type": "text/event-stream; charset=utf-8"}


@pytest.mark.parametrize(
    ("headers", "flags", "noticed", "end"),
    [
        (STREAM, ResponseFlags(), {"dragoman.end": {"text": "1"}}, StreamEnd.FINISHED),
        (STREAM, ResponseFlags(), {}, StreamEnd.UNFINISHED),
        (STREAM, ResponseFlags(), {"dragoman.error": {"message": "no"}}, StreamEnd.ERROR),
        (STREAM, ResponseFlags(downstream_connection_termination=True), {}, None),
        (STREAM, ResponseFlags(upstream_connection_termination=True), {}, None),
        ({"content-type": "application/json"}, ResponseFlags(), {}, None),
        ({}, ResponseFlags(), {}, None),
    ],
)
def test_how_a_stream_ended(
    headers: Mapping[str, str],
    flags: ResponseFlags,
    noticed: Mapping[str, Mapping[str, str]],
    end: StreamEnd | None,
) -> None:
    told = metadata(ATTEMPT | {"streamed": "1"})
    told.filter_metadata |= {name: struct(fields) for name, fields in noticed.items()}
    entry = attempt_entry(headers=headers, metadata=told, response_flags=flags)
    (attempt,) = read(message("attempt", entry))
    assert isinstance(attempt, Attempt)
    assert attempt.streamed
    assert attempt.stream_end is end
    failed = flags.upstream_connection_termination or end not in (None, StreamEnd.FINISHED)
    assert attempt.succeeded is not failed


@pytest.mark.parametrize(
    ("status", "said", "asked"),
    [(429, "7200", 3600.0), (503, "7200", 3600.0), (401, "60", 60.0), (409, "60", None)],
)
def test_what_is_told_of_a_pause_is_what_is_kept_to(
    status: int, said: str, asked: float | None
) -> None:
    assert attempt(status=status, headers={"retry-after": said}).retry_after == asked


def test_an_attempt_that_another_one_was_faster_than() -> None:
    gone = ResponseFlags(downstream_connection_termination=True)
    hedged = ATTEMPT | {"hedged": "1"}
    assert attempt(remembered=hedged, response_flags=gone, status=None).lost
    assert not attempt(remembered=hedged).lost
    assert not attempt(response_flags=gone, status=None).lost, "its client left"
    shown = seconds(0.5)
    left = attempt(remembered=hedged, response_flags=gone, time_to_first_downstream_tx_byte=shown)
    assert (left.lost, left.hedged) == (False, True), "it won, and its client left later"


def test_when_there_was_something_to_show() -> None:
    shown = {"time_to_first_downstream_tx_byte": seconds(0.5)}
    assert attempt(**shown).shown_after == 0.5
    streamed = ATTEMPT | {"streamed": "1"}
    assert attempt(remembered=streamed, **shown).shown_after is None, "headers show nothing"
    held = metadata(streamed)
    held.filter_metadata["dragoman.gate"] = struct({"terms": "5;;"})
    assert attempt(metadata=held, **shown).shown_after == 0.5


def test_our_own_limits_are_known_by_their_names() -> None:
    headers = {"x-dragoman-limit": "f%C3%BCr alle", "retry-after": "30"}
    refused = attempt(status=429, headers=headers, details="request_rate_limited")
    assert (refused.limit, refused.retry_after) == ("für alle", None)
    assert refused.outcome.blame is Blame.NONE
    assert attempt(status=429, headers={"retry-after": "30"}).limit is None
