"""What Envoy's access log says of attempts and requests.

https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/data/accesslog/v3/accesslog.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from extproc.contract import (
    ATTEMPT_LOG,
    DECISION_PREFIX,
    END,
    ERROR,
    MADE,
    METADATA_NAMESPACE,
    MODEL,
    NO_ANSWER,
    PATH,
    REPORTED,
    REQUEST_LOG,
    ROUTE,
    USAGE,
    from_header,
)
from extproc.core.clipping import clipped
from extproc.core.outcomes import FLAGS, Blame, StreamEnd, outcome_of
from extproc.core.records import Attempt, Completion, Usage
from extproc.dialects.endings import stream_end
from extproc.dialects.made import is_asked_for_again
from extproc.dialects.reported import Report, finish_reasons
from extproc.dialects.table import ENDPOINTS
from extproc.dialects.translation.losses import heard
from extproc.dialects.usage import read_usage
from extproc.observer.retry_after import LONGEST_RETRY_AFTER, retry_after
from extproc.transport.wire import Message

__all__ = ["AccessLogReader"]

_MOST: Final = 10**12
"""Tokens: more than any answer can have."""


class AccessLogReader:
    """Reads one gRPC stream of the access log. Only its first message says which log it is."""

    def __init__(self) -> None:
        self._log = ""

    def read(self, message: Message) -> Iterator[Attempt | Completion]:
        """What a message tells. Entries of requests that carry no id are left out."""
        if message.HasField("identifier"):
            self._log = message.identifier.log_name
        for entry in message.http_logs.log_entry:
            if self._log == ATTEMPT_LOG:
                attempt = _attempt(entry)
                if attempt is not None:
                    yield attempt
            elif self._log == REQUEST_LOG:
                completion = _completion(entry)
                if completion is not None:
                    yield completion


def _attempt(entry: Message) -> Attempt | None:
    common, response = entry.common_properties, entry.response
    remembered = common.metadata.filter_metadata[METADATA_NAMESPACE].fields
    number = remembered["attempt"].string_value
    request_id = remembered["request_id"].string_value
    if not request_id or not number.isdecimal():
        return None
    at = common.start_time.seconds + common.start_time.nanos / 1e9
    duration = _seconds(common.duration)
    status = response.response_code.value
    path = remembered["path"].string_value.partition("?")[0]
    told = common.metadata.filter_metadata[MADE].fields.values()
    reported = _reported(common.metadata.filter_metadata[REPORTED].fields)
    return Attempt(
        request_id=clipped(request_id),
        number=int(number),
        model=from_header(remembered["model"].string_value),
        cluster=from_header(common.upstream_cluster),
        at=at,
        status=status,
        duration=duration,
        first_byte=(
            _seconds(common.time_to_first_upstream_rx_byte)
            if common.HasField("time_to_first_upstream_rx_byte")
            else None
        ),
        details=_details(remembered["verdict"].string_value, response.response_code_details),
        flags=_flags(common.response_flags),
        usage=_usage(common.metadata.filter_metadata[USAGE].fields),
        retry_after=_asked(status, response.response_headers, at + duration),
        translation=heard(remembered["translation"].string_value),
        forwarded=bool(path) and path not in ENDPOINTS,
        made=_made(path, [one.string_value for one in told]),
        streamed=remembered["streamed"].string_value == "1",
        hurried=bool(remembered["hurried"].string_value),
        stream_end=_stream_end(entry),
        reported_model=reported.get(Report.MODEL),
        finish_reasons=finish_reasons(reported) if path in ENDPOINTS else (),
    )


def _asked(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """For how long a model is left alone because its provider says so. Limits that a successful
    answer tells of, or one that blames the request, are no such wish."""
    if outcome_of(status).blame is Blame.NONE:
        return None
    asked = retry_after(headers, now)
    return None if asked is None else min(asked, LONGEST_RETRY_AFTER)


def _stream_end(entry: Message) -> StreamEnd | None:
    """How a stream ended that came to its last byte: where the connection was lost, Envoy's flags
    say so, and what its client did not wait for is nobody's fault."""
    common, response = entry.common_properties, entry.response
    kind = response.response_headers.get("content-type", "").lower()
    if not kind.startswith("text/event-stream") or common.response_flags.ListFields():
        return None
    metadata = common.metadata.filter_metadata
    return stream_end(
        entry.request.path.partition("?")[0],
        {key: value.string_value for key, value in metadata[END].fields.items()},
        error=bool(metadata[ERROR].fields),
    )


def _details(verdict: str, envoys: str) -> str:
    """Envoy's response code details, or what was wrong with an answer that was none."""
    return f"{NO_ANSWER}{{{verdict}}}" if verdict else envoys


def _made(path: str, told: Sequence[str]) -> tuple[str, ...]:
    """The ids of what an answer tells to be new: what was asked for by its id is not."""
    if not is_asked_for_again(path):
        return ()
    known = path.split("/")
    return tuple(sorted(set(told).difference(known)))


def _reported(fields: Mapping[str, Message]) -> dict[str, str]:
    """What an answer says of itself; a ``null`` has no string."""
    said = {key: clipped(value.string_value) for key, value in fields.items()}
    return {key: value for key, value in said.items() if value}


def _completion(entry: Message) -> Completion | None:
    common, response = entry.common_properties, entry.response
    request_id = entry.request.request_id
    if not request_id:
        return None
    path = entry.request.request_headers.get(PATH) or entry.request.path
    told = {name: from_header(value) for name, value in response.response_headers.items()}
    return Completion(
        request_id=clipped(request_id),
        dialect=ENDPOINTS.get(path.partition("?")[0].removeprefix(DECISION_PREFIX)),
        at=common.start_time.seconds + common.start_time.nanos / 1e9,
        status=response.response_code.value,
        duration=_seconds(common.duration),
        attempts=common.upstream_request_attempt_count,
        model=told.get(MODEL),
        route=told.get(ROUTE),
        details=response.response_code_details,
        flags=_flags(common.response_flags),
    )


def _seconds(duration: Message) -> float:
    return float(duration.seconds + duration.nanos / 1e9)


def _flags(flags: Message) -> str:
    names = (field.name for field, _ in flags.ListFields())
    return ",".join(sorted(FLAGS[name].short if name in FLAGS else name for name in names))


def _usage(fields: Mapping[str, Message]) -> Usage:
    """Counts that no provider can mean (negative, endless) are as if it had not told them."""
    told = {key: value.number_value for key, value in fields.items()}
    return read_usage({key: int(count) for key, count in told.items() if 0 <= count <= _MOST})
