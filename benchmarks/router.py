"""The router of one set-up, in a process of its own: Dragoman's, or one that decides nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from benchmarks.setups import RouterKind
from benchmarks.workload import MODEL_NAME
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
    """Sends every request on to the same model as it came: what ext_proc itself costs in Python."""

    def __init__(self) -> None:
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

    async def process(self, call: Call) -> None:
        await call.read()
        await call.write(self._headers)
        pieces = []
        while message := await call.read():
            pieces.append(message.request_body.body)
            if message.request_body.end_of_stream:
                break
        for reply in replies.request_body(*pieces, ends=True):
            await call.write(reply)


def main() -> None:
    """``python -m benchmarks.router KIND CONFIG.json RUN_DIR``."""
    kind, settled, path = sys.argv[1:]
    config, directory = from_json(Path(settled).read_bytes()), RunDirectory(Path(path))
    if kind == RouterKind.EMPTY:
        service = external_processor(_Empty().process)
        asyncio.run(run([service], directory.worker_sockets[0], transport=config.transport))
    else:
        asyncio.run(serve(config, directory, 0, os.environ))


if __name__ == "__main__":
    main()
