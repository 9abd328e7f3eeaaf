#!/usr/bin/env python3
"""Latencies made up, as an exporter would tell Prometheus of them. It needs Python alone.

curl localhost:8080/metrics
curl -X PUT localhost:8080/latency/openai/gpt-4o -d 0.2     # gpt-4o is fast from now on
"""

from __future__ import annotations

import math
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

LATENCIES = {
    "anthropic/claude-sonnet-4-20250514": 0.85,
    "openai/gpt-4o": 1.20,
    "openai/gpt-4o-mini": 0.40,
}
"""The 95th percentile in seconds, by model."""

METRIC = "model_latency_p95_seconds"
PLACE = "/latency/"


def metrics() -> str:
    """What Prometheus reads: https://prometheus.io/docs/instrumenting/exposition_formats/"""
    lines = [
        f"# HELP {METRIC} 95th percentile of the time a model takes to answer.",
        f"# TYPE {METRIC} gauge",
    ]
    lines += [f'{METRIC}{{model_name="{name}"}} {value}' for name, value in LATENCIES.items()]
    return "\n".join(lines) + "\n"


class Handler(BaseHTTPRequestHandler):
    """``GET /metrics`` tells the latencies, ``PUT /latency/MODEL`` changes one."""

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self._answer(HTTPStatus.OK, metrics())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "GET /metrics\n")

    def do_PUT(self) -> None:
        model = unquote(self.path.removeprefix(PLACE))
        if not self.path.startswith(PLACE) or model not in LATENCIES:
            known = "".join(f"PUT {PLACE}{name}\n" for name in LATENCIES)
            self._answer(HTTPStatus.NOT_FOUND, known)
            return
        try:
            length = int(self.headers.get("content-length") or 0)
            latency = float(self.rfile.read(length))
        except ValueError:
            latency = math.nan
        if not 0 < latency < math.inf:
            self._answer(HTTPStatus.BAD_REQUEST, "the body must be a number of seconds\n")
            return
        LATENCIES[model] = latency
        self._answer(HTTPStatus.OK, metrics())

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: int = 8080) -> None:
    """Serve until interrupted, on all addresses: Prometheus is in another container."""
    with ThreadingHTTPServer(("", port), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
