"""Envoy's messages on protobuf's C runtime.

``envoy-data-plane`` defines the messages but reads and writes them in Python, which costs more
than everything else on a request's path, and takes longer to import than all else in a worker.
So its definitions come to us as protobuf descriptors, rendered once (see ``rendering``).
"""

from __future__ import annotations

from typing import Any, TypeAlias

from extproc.transport.descriptors import RENDERED, message_classes

__all__ = [
    "HeaderMutation",
    "Message",
    "ProcessingRequest",
    "ProcessingResponse",
    "RateLimitRequest",
    "RateLimitResponse",
    "StreamAccessLogsMessage",
]

Message: TypeAlias = Any
"""A message of the C runtime: its definition knows its fields, the type checker does not."""

_message = message_classes(RENDERED.read_bytes())

ProcessingRequest = _message("envoy.service.ext_proc.v3.ProcessingRequest")
ProcessingResponse = _message("envoy.service.ext_proc.v3.ProcessingResponse")
HeaderMutation = _message("envoy.service.ext_proc.v3.HeaderMutation")
StreamAccessLogsMessage = _message("envoy.service.accesslog.v3.StreamAccessLogsMessage")
RateLimitRequest = _message("envoy.service.ratelimit.v3.RateLimitRequest")
RateLimitResponse = _message("envoy.service.ratelimit.v3.RateLimitResponse")
