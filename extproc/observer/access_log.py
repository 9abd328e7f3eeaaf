"""What Envoy's access log says of attempts and requests.

https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/data/accesslog/v3/accesslog.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from extproc.contract import (
    ATTEMPT_LOG,
    END,
    ERROR,
    GATE_TERMS,
    MADE,
    METADATA_NAMESPACE,
    NO_ANSWER,
    REPORTED,
    REQUEST_LOG,
    USAGE,
    from_header,
)
from extproc.core.clipping import clipped
from extproc.core.outcomes import Blame, StreamEnd, outcome_of
from extproc.core.own_replies import details_of
from extproc.core.records import Attempt, Completion
from extproc.core.usage import Usage
from extproc.dialects.endings import stream_end
from extproc.dialects.made import is_asked_for_again
from extproc.dialects.reported import Report, finish_reasons
from extproc.dialects.table import ENDPOINTS
from extproc.dialects.translation.losses import heard
from extproc.dialects.usage import read_usage
from extproc.observer.completions import completion_of
from extproc.observer.log_fields import flags_of, limit_of, seconds_of, texts_of
from extproc.observer.retry_after import LONGEST_RETRY_AFTER, retry_after
from extproc.transport.wire import Message

__all__ = ["AccessLogReader"]

_MOST: Final = 10**12
"""Tokens: more than any answer can have."""
_NOTHING_TOLD: Final = Usage()


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
                completion = completion_of(entry)
                if completion is not None:
                    yield completion


def _attempt(entry: Message) -> Attempt | None:
    common, response = entry.common_properties, entry.response
    metadata = common.metadata.filter_metadata
    remembered = texts_of(metadata, METADATA_NAMESPACE)
    number, request_id = remembered.get("attempt", ""), remembered.get("request_id")
    if not request_id or not number.isdecimal():
        return None
    at, duration = seconds_of(common.start_time), seconds_of(common.duration)
    status, flags = response.response_code.value, flags_of(common)
    path = remembered.get("path", "").partition("?")[0]
    is_endpoint = path in ENDPOINTS
    reported = _reported(texts_of(metadata, REPORTED))
    streamed, hedged = remembered.get("streamed") == "1", "hedged" in remembered
    passed_on = common.HasField("time_to_first_downstream_tx_byte")
    is_held = not streamed or GATE_TERMS in metadata
    return Attempt(
        request_id=clipped(request_id),
        number=int(number),
        model=from_header(remembered.get("model", "")),
        cluster=from_header(common.upstream_cluster),
        at=at,
        status=status,
        duration=duration,
        first_byte=(
            seconds_of(common.time_to_first_upstream_rx_byte)
            if common.HasField("time_to_first_upstream_rx_byte")
            else None
        ),
        details=_details(remembered.get("verdict"), response.response_code_details),
        flags=flags,
        usage=_usage(metadata),
        retry_after=_asked(status, response, at + duration),
        translation=heard(remembered.get("translation", "")),
        forwarded=bool(path) and not is_endpoint,
        made=_made(path, metadata),
        streamed=streamed,
        hurried=bool(remembered.get("hurried")),
        stream_end=None if flags else _stream_end(entry, metadata),
        reported_model=reported.get(Report.MODEL),
        finish_reasons=finish_reasons(reported) if reported and is_endpoint else (),
        hedged=hedged,
        lost=hedged and not passed_on and common.response_flags.downstream_connection_termination,
        shown_after=(
            seconds_of(common.time_to_first_downstream_tx_byte) if passed_on and is_held else None
        ),
        limit=limit_of(response),
    )


def _asked(status: int, response: Message, now: float) -> float | None:
    """For how long a model is left alone because its provider says so. Limits that a successful
    answer tells of, or one that blames the request, are no such wish, nor are our own."""
    if outcome_of(status, response.response_code_details).blame is Blame.NONE:
        return None
    asked = retry_after(response.response_headers, now)
    return None if asked is None else min(asked, LONGEST_RETRY_AFTER)


def _stream_end(entry: Message, metadata: Mapping[str, Message]) -> StreamEnd | None:
    """How a stream ended that came to its last byte: where the connection was lost, Envoy's flags
    say so, and what its client did not wait for is nobody's fault."""
    kind = entry.response.response_headers.get("content-type", "").lower()
    if not kind.startswith("text/event-stream"):
        return None
    return stream_end(
        entry.request.path.partition("?")[0],
        texts_of(metadata, END),
        error=bool(texts_of(metadata, ERROR)),
    )


def _details(verdict: str | None, envoys: str) -> str:
    """Envoy's response code details, or what was wrong with an answer that was none."""
    return details_of(NO_ANSWER, verdict) if verdict else envoys


def _made(path: str, metadata: Mapping[str, Message]) -> tuple[str, ...]:
    """The ids of what an answer tells to be new: what was asked for by its id is not."""
    if not is_asked_for_again(path):
        return ()
    told = texts_of(metadata, MADE).values()
    return tuple(sorted(set(told).difference(path.split("/"))))


def _reported(told: Mapping[str, str]) -> dict[str, str]:
    """What an answer says of itself; a ``null`` has no string."""
    return {key: clipped(value) for key, value in told.items() if value}


def _usage(metadata: Mapping[str, Message]) -> Usage:
    """Counts that no provider can mean (negative, endless) are as if it had not told them."""
    if USAGE not in metadata:
        return _NOTHING_TOLD
    fields = metadata[USAGE].fields
    told = {key: fields[key].number_value for key in fields}
    return read_usage({key: int(count) for key, count in told.items() if 0 <= count <= _MOST})
