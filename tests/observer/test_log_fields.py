"""What the entries of both access logs tell in the same way."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from envoy_data_plane.envoy.config.core.v3 import Metadata
from envoy_data_plane.envoy.data.accesslog.v3 import (
    AccessLogCommon,
    HttpAccessLogEntry,
    HttpResponseProperties,
    ResponseFlags,
)
from envoy_data_plane.envoy.service.accesslog.v3 import StreamAccessLogsMessage as Theirs
from envoy_data_plane.envoy.service.accesslog.v3 import (
    StreamAccessLogsMessageHttpAccessLogEntries,
)
from envoy_data_plane.google.protobuf import Struct, Value

from extproc.observer.log_fields import flags_of, limit_of, seconds_of, texts_of
from extproc.transport.wire import Message, StreamAccessLogsMessage


def read(common: AccessLogCommon, headers: Mapping[str, str] | None = None) -> Message:
    """An entry as the observer reads it."""
    entry = HttpAccessLogEntry(
        common_properties=common,
        response=HttpResponseProperties(response_headers=dict(headers or {})),
    )
    log = StreamAccessLogsMessageHttpAccessLogEntries(log_entry=[entry])
    message = StreamAccessLogsMessage.FromString(bytes(Theirs(http_logs=log)))
    return message.http_logs.log_entry[0]


def test_what_a_filter_remembers_as_text() -> None:
    fields = {"a": Value(string_value="x"), "n": Value(number_value=1.0)}
    common = AccessLogCommon(metadata=Metadata(filter_metadata={"ours": Struct(fields=fields)}))
    metadata = read(common).common_properties.metadata.filter_metadata
    assert texts_of(metadata, "ours") == {"a": "x", "n": ""}
    assert texts_of(metadata, "theirs") == {}
    assert list(metadata) == ["ours"], "to ask adds nothing"


def test_durations_and_times() -> None:
    entry = read(AccessLogCommon(duration=datetime.timedelta(milliseconds=1250)))
    assert seconds_of(entry.common_properties.duration) == 1.25


def test_flags_by_their_short_names() -> None:
    flags = ResponseFlags(upstream_remote_reset=True, downstream_connection_termination=True)
    assert flags_of(read(AccessLogCommon(response_flags=flags)).common_properties) == "DC,UR"
    assert flags_of(read(AccessLogCommon()).common_properties) == ""


def test_a_flag_that_has_no_short_name_here() -> None:
    flags = ResponseFlags(dns_resolution_failure=True)
    told = flags_of(read(AccessLogCommon(response_flags=flags)).common_properties)
    assert told == "dns_resolution_failure"


def test_the_limit_that_has_refused() -> None:
    refused = read(AccessLogCommon(), {"x-dragoman-limit": "all%20of us"})
    assert limit_of(refused.response) == "all of us"
    assert limit_of(read(AccessLogCommon()).response) is None
