"""A receipt is shown once it tells what the access log tells."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import orjson
import pytest

from extproc.demo import explanation
from extproc.demo.explanation import IncompleteError, receipt
from extproc.demo.outcome import Attempt

TRIED = (Attempt("x/a", 429), Attempt("x/b", 200))
FIRST, SECOND = {"model": "x/a", "status": 429}, {"model": "x/b", "status": 200}
WHOLE = {"candidates": [], "status": 200, "attempts": [FIRST, SECOND]}
NOT_KEPT = {"error": "no such decision is kept"}


@contextlib.contextmanager
def admin(*answers: dict[str, Any]) -> Iterator[str]:
    """An admin port that gives these answers in turn, and goes on with the last."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = left.pop(0) if len(left) > 1 else left[0]
            body = orjson.dumps(answer)
            self.send_response(404 if "error" in answer else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


async def test_it_is_waited_for() -> None:
    begun: dict[str, Any] = {"candidates": [], "status": None, "attempts": []}
    halfway = {"candidates": [], "status": 200, "attempts": [FIRST]}
    with admin(NOT_KEPT, begun, halfway, WHOLE) as url:
        assert await receipt(url, "trace", TRIED) == WHOLE


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (NOT_KEPT, "no such decision is kept"),
        (WHOLE | {"status": None}, "status None"),
        (WHOLE | {"attempts": [SECOND]}, r"attempts \[\('x/b', 200\)\]"),
    ],
    ids=["unknown", "unended", "other attempts"],
)
async def test_one_that_stays_incomplete(
    answer: dict[str, Any], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explanation, "_PATIENCE", 0.2)
    with admin(answer) as url, pytest.raises(IncompleteError, match=what):
        await receipt(url, "trace", TRIED)
