"""Whom Envoy consults in the attempt listener: three filters, for the attempts that need them."""

from __future__ import annotations

from typing import Final

from extproc.bootstrap.processors import (
    BOTH_WAYS,
    REQUEST_ONLY,
    RESPONSE_ONLY,
    consultation,
    only,
    receiving,
)
from extproc.bootstrap.typed import seconds
from extproc.contract import (
    ATTEMPT_COUNT,
    END,
    GATE_TERMS,
    IDLE,
    METADATA_NAMESPACE,
    PLAN,
    TERMS,
    TRACE_ID,
    Role,
)
from extproc.envoy_api.messages import (
    ExternalProcessor,
    HttpFilter,
    MetadataOptions,
    MetadataOptionsMetadataNamespaces,
)

__all__ = ["attempt", "gate", "translation"]

_ATTEMPT_HEADERS = (
    "anthropic-version",
    "content-length",
    "x-request-id",
    ATTEMPT_COUNT,
    PLAN,
    TERMS,
    TRACE_ID,
)
_TRANSLATION_HEADERS = (
    *_ATTEMPT_HEADERS,
    ":status",
    "content-encoding",
    "content-type",
    "request-id",
    IDLE,
)
_GATE_HEADERS = (":status", "content-encoding", "content-type")

_LONGEST_MESSAGE_TIMEOUT: Final = 3600.0
"""Seconds: Envoy refuses a bootstrap that has a longer one.
https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/filters/http/ext_proc/v3/ext_proc.proto
"""


def attempt() -> HttpFilter:
    """From the second attempt on: the request is put into the terms of the due candidate."""
    processor = ExternalProcessor(
        processing_mode=REQUEST_ONLY,
        allow_content_length_header=True,
        metadata_options=receiving(METADATA_NAMESPACE),
    )
    return consultation(Role.ATTEMPT, only(_ATTEMPT_HEADERS), processor)


def translation() -> HttpFilter:
    """On every attempt whose candidate does not speak the client's dialect: its request and its
    answer on one stream."""
    processor = ExternalProcessor(
        processing_mode=BOTH_WAYS,
        allow_content_length_header=True,
        metadata_options=receiving(END),
    )
    return consultation(Role.TRANSLATION, only(_TRANSLATION_HEADERS), processor)


def gate(longest: float) -> HttpFilter:
    """On a stream that could still be moved: Python holds it until its first content.

    When the worker that holds it hangs or dies, the stream goes on as it came. The message timeout
    only backs up the deadline that Python itself keeps: of a longer one than Envoy takes, the
    stream goes on as it came after an hour.

    Args:
        longest: for how many seconds any stream may be held.
    """
    processor = ExternalProcessor(
        processing_mode=RESPONSE_ONLY,
        send_body_without_waiting_for_header_response=True,
        message_timeout=seconds(min(longest + 5, _LONGEST_MESSAGE_TIMEOUT)),
        failure_mode_allow=True,
        metadata_options=MetadataOptions(
            forwarding_namespaces=MetadataOptionsMetadataNamespaces(untyped=[GATE_TERMS])
        ),
    )
    return consultation(Role.GATE, only(_GATE_HEADERS), processor)
