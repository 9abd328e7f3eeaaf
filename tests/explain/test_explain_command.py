"""``dragoman explain`` against a real admin port, and against what is none."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from extproc.cli.arguments import main
from extproc.core.config import Admin
from extproc.telemetry.admin import serving
from extproc.telemetry.admin_pages import admin_pages
from extproc.telemetry.receipt_json import trace_json
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.traces import Traces
from tests.helpers.telemetry_events import (
    MINI,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
)

TO_DO = (
    "Is Dragoman running? Its configuration says where its admin port is "
    "(dragoman.admin_address); name that with --admin or DRAGOMAN_ADMIN, "
    "as in http://127.0.0.1:9092.\n"
)


@pytest.fixture
def receipts() -> Receipts:
    kept = Receipts(10, lambda: SNAPSHOT)
    kept.decided(decision())
    kept.attempted(attempt())
    kept.completed(completion())
    return kept


def pages(receipts: Receipts) -> ASGIApp:
    return admin_pages(Traces(receipts), CollectorRegistry(), lambda: SNAPSHOT)


async def explain(application: ASGIApp, *arguments: str) -> int:
    """Run the command while an application is served; it is told where."""
    async with serving(Admin("127.0.0.1", 0), application) as port:
        url = f"http://127.0.0.1:{port}/"
        return await asyncio.to_thread(main, ["explain", *arguments, "--admin", url])


@pytest.mark.parametrize("key", [TRACE, REQUEST])
async def test_it_explains(
    receipts: Receipts, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await explain(pages(receipts), key) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.startswith(f"Trace {TRACE}\n")
    assert f"{MINI} answered." in " ".join(output.out.split())


async def test_it_explains_the_latest_request(
    receipts: Receipts, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await explain(pages(receipts)) == 0
    assert capsys.readouterr().out.startswith(f"Trace {TRACE}\n")


async def test_it_prints_the_receipt_as_it_is(
    receipts: Receipts, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await explain(pages(receipts), TRACE, "--json") == 0
    assert json.loads(capsys.readouterr().out) == trace_json(receipts.find(TRACE))


async def test_the_environment_says_where_the_admin_port_is(
    receipts: Receipts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(Admin("127.0.0.1", 0), pages(receipts)) as port:
        monkeypatch.setenv("DRAGOMAN_ADMIN", f"http://127.0.0.1:{port}")
        # A proxy is for the world outside.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert await asyncio.to_thread(main, ["explain", TRACE]) == 0
    assert TRACE in capsys.readouterr().out


@pytest.mark.parametrize("key", ["0" * 32, "../snapshot", "a/b?c=d#e"])
async def test_a_trace_that_is_not_kept(
    receipts: Receipts, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await explain(pages(receipts), key) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert "http://127.0.0.1:" in output.err


async def test_a_trace_that_is_not_kept_comes_with_advice(
    receipts: Receipts, capsys: pytest.CaptureFixture[str]
) -> None:
    await explain(pages(receipts), "0" * 32)
    assert "Only the latest 10 are (dragoman.kept_decisions)" in capsys.readouterr().err


def answering(make: Callable[[], Response]) -> ASGIApp:
    async def endpoint(_: object) -> Response:
        return make()

    return Starlette(routes=[Route("/decisions/{rest:path}", endpoint)])


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda: PlainTextResponse("not here", 404), 404),
        (lambda: PlainTextResponse("{}"), 200),
        (lambda: PlainTextResponse("[]"), 200),
        (lambda: PlainTextResponse(b"\xff\xfe"), 200),
        (lambda: PlainTextResponse("{}", 500), 500),
        (lambda: PlainTextResponse("", 302, {"location": "http://h/"}), 302),
    ],
)
async def test_something_else_answers(
    make: Callable[[], Response], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await explain(answering(make), TRACE) == 1
    said = f"answered {status}, but not as Dragoman's admin port does. Name the right one with"
    assert said in capsys.readouterr().err


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        assert main(["explain", TRACE, "--admin", url]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"cannot ask {url}: ")
    assert error.endswith(TO_DO)


@pytest.mark.parametrize("url", ["127.0.0.1:9092", "ftp://h", "http://[", "http://h:99999"])
def test_an_address_that_is_none(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", TRACE, "--admin", url]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"cannot ask {url}: ")
    assert error.endswith(TO_DO)
