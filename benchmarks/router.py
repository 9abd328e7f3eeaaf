"""The router of one set-up, in a process of its own: Dragoman's, or one that decides nothing."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

import grpc
from grpc import aio

from benchmarks.setups import MODEL_NAME, RouterKind
from benchmarks.workload import request_body
from extproc.config.settled import from_json
from extproc.config.values import Dialect
from extproc.contract import CANDIDATES, CLUSTER, MODEL, PLAN, STREAMED
from extproc.server import replies
from extproc.server.plan import Plan, encode
from extproc.server.process import serve
from extproc.server.wire import Message, ProcessingRequest

_SERVING = b"\x08\x01"
_PINGS_ARE_WELCOME = [
    ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
]


class _Empty:
    """Sends every request to the same model, unread: what ext_proc costs by itself in Python."""

    def __init__(self, body: bytes) -> None:
        plan = Plan(Dialect.CHAT, (MODEL_NAME,), streamed=False, model_start=0, model_end=0)
        self._headers = replies.request_headers(
            {
                PLAN: encode(plan),
                CANDIDATES: "1",
                CLUSTER: MODEL_NAME,
                MODEL: MODEL_NAME,
                STREAMED: "0",
            }
        )
        self._body = tuple(replies.request_body(body, ends=True))

    async def process(self, _: object, context: aio.ServicerContext[Message, bytes]) -> None:
        await context.read()
        await context.write(self._headers)
        while not (await context.read()).request_body.end_of_stream:
            pass
        for piece in self._body:
            await context.write(piece)


async def _healthy(_: bytes, __: object) -> bytes:
    return _SERVING


async def _serve_empty(body: bytes, socket: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = aio.server(options=_PINGS_ARE_WELCOME)
    process: grpc.RpcMethodHandler[Message, bytes] = grpc.stream_stream_rpc_method_handler(
        _Empty(body).process, request_deserializer=ProcessingRequest.FromString
    )
    check: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_healthy)
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(
                "envoy.service.ext_proc.v3.ExternalProcessor", {"Process": process}
            ),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": check}),
        )
    )
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    gc.collect()
    gc.freeze()
    await stop.wait()
    await server.stop(0)


def main() -> None:
    """``python -m benchmarks.router KIND CONFIG.json SOCKET BODY_BYTES``."""
    kind, config, socket, body_bytes = sys.argv[1:]
    if kind == RouterKind.EMPTY:
        asyncio.run(_serve_empty(request_body(int(body_bytes)), Path(socket)))
    else:
        asyncio.run(serve(from_json(Path(config).read_bytes()), Path(socket), os.environ))


if __name__ == "__main__":
    main()
