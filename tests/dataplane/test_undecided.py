"""What is refused on a real Envoy before anything is decided: its receipt, its story, its span.

Each kind is made once, since the receipts of all of them can be waited for together.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes

from extproc.cli.arguments import main
from tests.helpers.house import CONFIG, House
from tests.helpers.house import house as start
from tests.helpers.otlp_receiver import Receiver, over_grpc

PARENT: Final = "00f067aa0ba902b7"
CHAT, MODELS = "/v1/chat/completions", "/v1/models"
BODY: Final = {"model": "gamma/model-c", "messages": [{"role": "user", "content": "hello"}]}
FLOOD: Final = 300
MORE = """
  limits:
    - {{name: everybody, requests: 3, per: month}}
tracing:
  opentracing_grpc_endpoint: {url}
"""


@dataclass(frozen=True)
class Kind:
    """How a request is made, and what is to be heard of it. ``span`` is the name of its span."""

    status: int
    details: str
    why: str
    span: str = "chat"
    method: str = "POST"
    path: str = CHAT
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] | None = None
    limit: str | None = None
    model: str | None = None


KINDS: Final[Mapping[str, Kind]] = {
    "no key": Kind(
        401,
        "door{api_key}",
        "none of the API keys",
        json=BODY,
        headers={"x-api-key": "wrong"},
    ),
    "web page": Kind(
        403, "door{origin}", "A web page", json=BODY, headers={"origin": "http://a.b"}
    ),
    "name": Kind(403, "door{host}", "by a name", json=BODY, headers={"host": "evil.example"}),
    "upgrade": Kind(
        *(426, "upgrade_failed", "WebSocket"),
        method="GET",
        headers={"connection": "upgrade", "upgrade": "websocket"},
    ),
    "no JSON": Kind(400, "dragoman_reply{invalid_json}", "not valid JSON", content=b"{nonsense"),
    "no model": Kind(
        *(404, "dragoman_reply{model_not_found}", "It asked for gpt-99, which does not exist"),
        span="chat gpt-99",
        json=BODY | {"model": "gpt-99"},
        model="gpt-99",
    ),
    "no model to embed": Kind(
        *(404, "dragoman_reply{model_not_found}", "It asked for gpt-99, which does not exist"),
        span="embeddings gpt-99",
        path="/v1/embeddings",
        json={"model": "gpt-99", "input": "x"},
        model="gpt-99",
    ),
    "decision alone": Kind(
        *(400, "dragoman_reply{missing_parameter}", "Its body lacks what its API demands"),
        span="decide",
        path=f"/routing{CHAT}",
        json={},
    ),
    "no messages": Kind(
        *(400, "dragoman_reply{invalid_parameter}", "Something in its body is not as"),
        json=BODY | {"messages": "hello"},
    ),
    "unknown encoding": Kind(
        *(415, "dragoman_reply{unknown_encoding}", "a content-encoding that is not read"),
        content=b"hello",
        headers={"content-encoding": "compress"},
    ),
    "too large": Kind(
        *(413, "dragoman_reply{request_too_large}", "dragoman.max_request_bytes"),
        content=b" " * 100_000,
    ),
    "no path": Kind(
        404, "direct_response", "nothing at this path", "GET", "GET", "/wp-admin/setup.php?key=1"
    ),
    "no method": Kind(405, "direct_response", "does not take", method="GET"),
    "last within the limit": Kind(404, "direct_response", "nothing", "GET", "GET", "/nothing"),
    "limit": Kind(
        *(429, "local_rate_limited", "The rate limit everybody is used up"),
        *("GET", "GET", "/nothing"),
        limit="everybody",
    ),
    "no worker": Kind(503, "ext_proc_error", "No worker answered", json=BODY),
}


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    with over_grpc() as receiver:
        yield receiver


@dataclass(frozen=True)
class Made:
    """A stack, what it answered to who asked for its models, and the receipt of each kind."""

    house: House
    collector: Receiver
    listing: httpx.Response
    receipts: Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
async def made(
    tmp_path_factory: pytest.TempPathFactory, collector: Receiver
) -> AsyncIterator[Made]:
    directory: Path = tmp_path_factory.mktemp("undecided")
    config = CONFIG.replace("timeout: 30s", "timeout: 30s, api_keys: [$OPENS]", 1)
    config = config.replace("32MiB", "64KiB", 1)
    more, keys = MORE.format(url=collector.url), {"OPENS": "open sesame"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        async with start(directory, config=config, keys=keys, more=more) as house:
            house.client.headers["x-api-key"] = "open sesame"
            listing = await house.client.get(MODELS)
            await leave(house)
            await leave_a_stream(house)
            await speak_tls(house)
            await send_a_fragment(house)
            answers = {}
            for number, (name, kind) in enumerate(KINDS.items()):
                if name == "no worker":
                    stop_the_worker(house)
                answers[name] = await ask(house, kind, number)
            receipts = {name: await receipt(house, answer) for name, answer in answers.items()}
            yield Made(house, collector, listing, receipts)


def trace(number: int) -> str:
    return f"4bf92f3577b34da6a3ce929d0e0e47{number:02x}"


async def ask(house: House, kind: Kind, number: int) -> httpx.Response:
    headers = {"traceparent": f"00-{trace(number)}-{PARENT}-01", **(kind.headers or {})}
    answer = await house.client.request(
        kind.method, kind.path, json=kind.json, content=kind.content, headers=headers
    )
    assert answer.status_code == kind.status, answer.text
    return answer


async def leave(house: House) -> None:
    """Close a connection in the middle of a request."""
    _, writer = await house.connect()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: localhost\r\nx-api-key: open sesame\r\n"
    writer.write(f"{head}content-length: 9\r\n\r\n{{".encode())
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await writer.wait_closed()


async def leave_a_stream(house: House) -> None:
    """Reset a stream of HTTP/2 in the middle of a request, and keep the connection."""
    _, writer = await house.connect()
    connection = H2Connection(H2Configuration(client_side=True))
    connection.initiate_connection()
    head = {":method": "POST", ":path": CHAT, ":scheme": "http", ":authority": "localhost"}
    connection.send_headers(1, [*head.items(), ("x-api-key", "open sesame")])
    connection.send_data(1, b"{")
    writer.write(connection.data_to_send())
    await writer.drain()
    await asyncio.sleep(0.1)
    connection.reset_stream(1, ErrorCodes.CANCEL)
    writer.write(connection.data_to_send())
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await writer.wait_closed()


async def speak_tls(house: House) -> None:
    """As one does who writes https where http is spoken."""
    reader, writer = await house.connect()
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert (await reader.read(12)).endswith(b"400")
    writer.close()
    await writer.wait_closed()


async def send_a_fragment(house: House) -> None:
    """As no client does that knows what a fragment is: it is for the client alone."""
    reader, writer = await house.connect()
    writer.write(b"GET /callback#access_token=secret HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert (await reader.read(12)).endswith(b"400")
    writer.close()
    await writer.wait_closed()


def stop_the_worker(house: House) -> None:
    pid = house.running.deciders.workers[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def receipt(house: House, answer: httpx.Response) -> dict[str, Any]:
    key = answer.headers["x-request-id"]
    found: dict[str, Any] = {}

    async def is_there() -> bool:
        nonlocal found
        found = (await house.admin.get(f"/decisions/{key}")).json()
        return "decided" in found

    await house.until(is_there)
    return found


@pytest.mark.parametrize("name", KINDS)
async def test_a_receipt(made: Made, name: str) -> None:
    kind, told = KINDS[name], made.receipts[name]
    expected = {
        "decided": False,
        "method": kind.method,
        "path": kind.path.partition("?")[0],
        "status": kind.status,
        "limit": kind.limit,
        "requested_model": kind.model,
        "trace_id": trace([*KINDS].index(name)),
        "candidates": [],
        "attempts_made": 0,
        "decision_ms": None,
    }
    assert {key: told[key] for key in expected} == expected
    assert told["details"].startswith(kind.details)
    assert told["dialect"] == ("chat" if kind.path.endswith(CHAT) else None)
    assert 0 <= told["duration_ms"] < 5000


@pytest.mark.parametrize("name", KINDS)
async def test_its_story(made: Made, name: str) -> None:
    key = made.receipts[name]["request_id"]
    reasons = (await made.house.admin.get(f"/decisions/{key}/story")).json()["reasons"]
    assert KINDS[name].why in reasons
    assert reasons.endswith(f"got {KINDS[name].status}.")


@pytest.mark.parametrize("name", KINDS)
async def test_its_span(made: Made, name: str) -> None:
    kind = KINDS[name]
    (span,) = await made.collector.of_trace(made.receipts[name]["trace_id"], 1)
    assert (span.name, span.parent_id, span.failed) == (kind.span, PARENT, True)
    assert span.attributes["http.response.status_code"] == kind.status
    assert span.attributes["error.type"] == str(kind.status)
    assert span.attributes["dragoman.decided"] is False
    assert span.attributes["dragoman.request_id"] == made.receipts[name]["request_id"]
    assert "key=1" not in str(span.attributes)


async def test_all_of_them_are_listed(made: Made) -> None:
    decisions = (await made.house.admin.get("/decisions")).json()
    assert decisions["kept"] == 0
    listed = {each["request_id"]: each for each in decisions["decisions"]}
    assert {told["request_id"] for told in made.receipts.values()} < set(listed)
    left = [each for each in listed.values() if each["status"] == 0]
    assert {(each["path"], each["details"], each["flags"]) for each in left} == {
        (CHAT, "downstream_remote_disconnect", "DC"),
        (CHAT, "http2.remote_reset", "DR"),
    }
    (tls,) = [each for each in listed.values() if each["details"] == "http1.codec_error"]
    assert (tls["status"], tls["method"], tls["path"]) == (400, None, None)
    (fragment,) = [each for each in listed.values() if each["path"] == "/callback"]
    assert (fragment["status"], fragment["method"]) == (400, "GET")
    assert "access_token" not in json.dumps(decisions)


async def test_the_command_explains_one(made: Made, capfd: pytest.CaptureFixture[str]) -> None:
    key, admin = made.receipts["no key"]["request_id"], str(made.house.admin.base_url)
    assert await asyncio.to_thread(main, ["explain", key, "--admin", admin]) == 0
    assert "listeners[].api_keys" in " ".join(capfd.readouterr().out.split())
    assert await asyncio.to_thread(main, ["logs", "--admin", admin]) == 0
    assert f"401  POST {CHAT}  It brought none of the API keys" in capfd.readouterr().out


async def test_what_was_asked_of_us_and_answered_leaves_none(made: Made) -> None:
    found = await made.house.admin.get(f"/decisions/{made.listing.headers['x-request-id']}")
    assert (made.listing.status_code, found.status_code) == (200, 404)


async def test_of_a_flood_few_leave_receipts_and_all_are_counted(made: Made) -> None:
    refused = {"x-api-key": "wrong"}
    flood = (made.house.client.post(CHAT, json=BODY, headers=refused) for _ in range(FLOOD))
    assert {answer.status_code for answer in await asyncio.gather(*flood)} == {401}

    async def all_are_counted() -> bool:
        page = (await made.house.admin.get("/metrics")).text
        counts = dict(line.rsplit(" ", 1) for line in page.splitlines() if line[0] != "#")
        unkept = float(counts["dragoman_requests_without_receipt_total"])
        refused = 'dragoman_requests_total{dialect="chat",route="none",status="401"}'
        return float(counts[refused]) == FLOOD + 1 and unkept > FLOOD - 30

    await made.house.until(all_are_counted)
    listed = (await made.house.admin.get("/decisions?limit=1000")).json()["decisions"]
    assert 10 <= sum(each["status"] == 401 for each in listed) <= 30
    assert json.dumps(made.receipts["no path"]["request_id"]) in json.dumps(listed)
