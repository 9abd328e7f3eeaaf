"""The router of one set-up, in a process of its own: Dragoman's, or one that decides nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from benchmarks.setups import RouterKind
from benchmarks.workload import MODEL_NAME, request_body
from extproc.contract import CANDIDATES, CLUSTER, MODEL, PLAN, STREAMED
from extproc.core.config_json import from_json
from extproc.core.models import Dialect
from extproc.run_directory import RunDirectory
from extproc.transport.calls import Call
from extproc.transport.server import run
from extproc.worker import replies
from extproc.worker.plan import Plan, encode
from extproc.worker.process import serve
from extproc.worker.service import external_processor


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

    async def process(self, call: Call) -> None:
        await call.read()
        await call.write(self._headers)
        while (message := await call.read()) and not message.request_body.end_of_stream:
            pass
        for piece in self._body:
            await call.write(piece)


def main() -> None:
    """``python -m benchmarks.router KIND CONFIG.json RUN_DIR BODY_BYTES``."""
    kind, settled, path, body_bytes = sys.argv[1:]
    config, directory = from_json(Path(settled).read_bytes()), RunDirectory(Path(path))
    if kind == RouterKind.EMPTY:
        service = external_processor(_Empty(request_body(int(body_bytes))).process)
        asyncio.run(run([service], directory.worker_sockets[0], transport=config.transport))
    else:
        asyncio.run(serve(config, directory, 0, os.environ))


if __name__ == "__main__":
    main()
