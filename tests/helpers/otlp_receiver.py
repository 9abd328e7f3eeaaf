"""What takes spans as a collector does, over gRPC and over HTTP, and can be told to hang.

No package registry that the tests use has OpenTelemetry's own collector, so this one is made of the
messages and the service that the OpenTelemetry project publishes for Python.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

__all__ = ["Received", "Receiver", "over_grpc", "over_http"]

_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


@dataclass(frozen=True, slots=True)
class Received:
    """A span as it came. Ids are hexadecimal digits, times are in seconds since the epoch."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    start: float
    end: float
    state: str
    failed: bool
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any]


@dataclass(slots=True)
class Receiver:
    """What has come so far, at ``url``. With ``hangs`` set nobody gets an answer."""

    url: str = ""
    spans: list[Received] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    hangs: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def take(self, request: ExportTraceServiceRequest, metadata: Mapping[str, str]) -> None:
        if self.hangs.is_set():
            self.ended.wait()
            return
        self.metadata.update(metadata)
        self.spans += _read(request)

    async def of_trace(self, trace_id: str, count: int) -> list[Received]:
        """The spans of a trace, waited for: the request's first, then its attempts in order."""
        async with asyncio.timeout(10):
            while True:
                found = [span for span in self.spans if span.trace_id == trace_id]
                if len(found) >= count:
                    assert len(found) == count
                    return sorted(found, key=lambda span: span.name.startswith("attempt "))
                await asyncio.sleep(0.05)


@contextmanager
def over_grpc() -> Iterator[Receiver]:
    """Take spans over gRPC."""
    receiver = Receiver()

    def export(
        request: ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        metadata = {key: str(value) for key, value in context.invocation_metadata()}
        receiver.take(request, metadata)
        return ExportTraceServiceResponse()

    handler = grpc.unary_unary_rpc_method_handler(
        export,
        request_deserializer=ExportTraceServiceRequest.FromString,
        response_serializer=ExportTraceServiceResponse.SerializeToString,
    )
    service = grpc.method_handlers_generic_handler(_SERVICE, {"Export": handler})
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((service,))
    receiver.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.stop(None).wait()


@contextmanager
def over_http() -> Iterator[Receiver]:
    """Take spans over HTTP, at the path of OTLP."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path == "/v1/traces"
            if known:
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.take(ExportTraceServiceRequest.FromString(body), headers)
            self.send_response(200 if known else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _read(request: ExportTraceServiceRequest) -> Iterator[Received]:
    for of_resource in request.resource_spans:
        resource = _attributes(of_resource.resource.attributes)
        for scope in of_resource.scope_spans:
            for span in scope.spans:
                yield Received(
                    name=span.name,
                    kind=span.kind,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    start=span.start_time_unix_nano / 1e9,
                    end=span.end_time_unix_nano / 1e9,
                    state=span.trace_state,
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                    attributes=_attributes(span.attributes),
                    resource=resource,
                )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
