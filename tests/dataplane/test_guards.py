"""Guards of requests and of answers, asked over HTTP, through Envoy."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers import house as houses
from tests.helpers.filter_server import Command, FilterServer, filter_server
from tests.helpers.house import CLIENT_KEY, House

CONFIG = houses.CONFIG.replace(
    "port: {port}, timeout: 30s}}",
    "port: {port}, timeout: 30s, input_filters: [asks, trusted], output_filters: [answers]}}",
).replace(
    "dragoman:\n",
    """filters:
  - {{id: asks, type: http, url: "{{FIRST}}", deadline: 700ms}}
  - {{id: trusted, type: http, url: "{{SECOND}}/trusted/", deadline: 300ms, on_failure: open,
     pass_credentials: true}}
  - {{id: answers, type: http, url: "{{THIRD}}", deadline: 700ms, window: 12}}
dragoman:
""",
)
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {
        "model": "gamma/model-c",
        "messages": [{"role": "user", "content": "{}"}],
    },
    "/v1/messages": {
        "model": "anthropic/claude-a",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "{}"}],
    },
    "/v1/responses": {"model": "beta/model-b", "input": "{}"},
}
PATHS = tuple(BODIES)


class Guarded:
    """A sidecar with three filters: two of requests, the second of which is trusted and may be
    missing, and one of answers."""

    def __init__(self, house: House, *servers: FilterServer) -> None:
        self.house = house
        self.first, self.second, self.answers = self.servers = servers

    def clear(self) -> None:
        self.house.clear()
        for server in self.servers:
            server.clear()

    async def post(self, path: str, text: str, **more: Any) -> httpx.Response:
        body = json.loads(json.dumps(BODIES[path.removeprefix("/routing")]).replace("{}", text))
        headers = {"authorization": f"Bearer {CLIENT_KEY}", "x-team": "red", "cookie": "a=b"}
        answer = await self.house.client.post(path, json=body | more, headers=headers)
        assert [one for server in self.servers for one in server.complaints] == []
        return answer

    def behave(self, **behaviour: Any) -> None:
        for provider in self.house.providers.values():
            for model in ("model-a", "model-b", "model-c", "claude-a", "claude-d"):
                provider.behave(model, Behaviour(**behaviour))

    @property
    def sent(self) -> list[str]:
        """The bodies that providers got."""
        return [
            exchange.body.decode()
            for provider in self.house.providers.values()
            for exchange in provider.exchanges
        ]


@pytest.fixture(scope="module")
async def shared_guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    async with filter_server() as first, filter_server() as second, filter_server() as third:
        config = CONFIG
        for name, server in (("FIRST", first), ("SECOND", second), ("THIRD", third)):
            config = config.replace("{{" + name + "}}", server.url)
        directory = tmp_path_factory.mktemp("guarded")
        async with houses.house(directory, config=config) as running:
            yield Guarded(running, first, second, third)


@pytest.fixture
def guarded(shared_guarded: Guarded) -> Guarded:
    shared_guarded.clear()
    return shared_guarded


@pytest.mark.parametrize("path", PATHS)
async def test_a_request_is_changed_before_it_is_decided_and_its_answer_after(
    guarded: Guarded, path: str
) -> None:
    guarded.behave(text="You said SECRET-9876, did you?")
    response = await guarded.post(path, "hello SECRET-1234")
    assert response.status_code == 200, response.text
    (sent,) = guarded.sent
    assert "hello [REDACTED]" in sent
    assert "SECRET" not in sent
    assert "You said [REDACTED], did you?" in response.text
    assert "SECRET" not in response.text
    assert int(response.headers["content-length"]) == len(response.content)
    (shown,) = guarded.first.shown
    assert shown.path == f"/guard{path}"
    assert (shown.headers["x-team"], "x-request-id" in shown.headers) == ("red", True)
    assert not {"authorization", "cookie"} & set(shown.headers)
    (trusted,) = guarded.second.shown
    assert trusted.path == f"/guard/trusted{path}"
    assert trusted.headers["authorization"] == f"Bearer {CLIENT_KEY}"
    assert "[REDACTED]" in trusted.body.decode()
    receipt = await guarded.house.receipt(response)
    assert [(one["guard"], one["side"], one["verdict"]) for one in receipt["guards"]] == [
        ("asks", "input", "changed"),
        ("trusted", "input", "passed"),
        ("answers", "output", "changed"),
    ]
    assert "SECRET" not in json.dumps(receipt)


def said(stream: str) -> str:
    """The text of a stream, put together from its deltas."""
    found = []
    for line in stream.splitlines():
        if not line.startswith("data: {"):
            continue
        event = json.loads(line.removeprefix("data: "))
        if "choices" in event:
            found += [each["delta"].get("content") or "" for each in event["choices"]]
        elif event.get("type") == "content_block_delta":
            found.append(event["delta"].get("text", ""))
        elif event.get("type") == "response.output_text.delta":
            found.append(event["delta"])
    return "".join(found)


@pytest.mark.parametrize("path", PATHS)
async def test_a_secret_that_is_split_over_events_is_seen(guarded: Guarded, path: str) -> None:
    guarded.behave(text="S E C SECRET- 1234 SECRET-5678 and so on and on. SECRET-4321")
    response = await guarded.post(path, "hello", stream=True)
    assert response.status_code == 200
    assert said(response.text) == "S E C SECRET- 1234 [REDACTED] and so on and on. [REDACTED]"
    assert "SECRET-5678" not in response.text
    assert len(guarded.answers.shown) > 1
    last = response.text.rstrip().splitlines()[-1]
    assert "[DONE]" in last or "message_stop" in last or "response.completed" in last


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_blocked(guarded: Guarded, path: str, streamed: bool) -> None:
    response = await guarded.post(path, "an exploit please", stream=streamed)
    assert response.status_code == 400
    assert guarded.sent == []
    error = response.json()["error"]
    assert "'asks'" in error["message"]
    assert "exploit" not in response.text
    if path != "/v1/messages":
        assert error["code"] == "content_blocked"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("hang", "timeout"),
        ("500", "status"),
        ("cut", "interrupted"),
        ("malformed", "malformed"),
    ],
)
async def test_a_filter_that_fails(guarded: Guarded, command: Command, reason: str) -> None:
    guarded.second.command = command
    response = await guarded.post("/v1/chat/completions", "hello")
    assert response.status_code == 200
    (_, failed, _) = (await guarded.house.receipt(response))["guards"]
    assert (failed["verdict"], failed["reason"]) == ("failed", reason)
    assert failed["ms"] < 900

    guarded.answers.command = command
    response = await guarded.post("/v1/chat/completions", "hello")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "guard_failed"

    streamed = await guarded.post("/v1/messages", "hello", stream=True)
    assert streamed.status_code == 200
    *_, name, data = streamed.text.strip().splitlines()
    assert name == "event: error"
    assert json.loads(data.removeprefix("data: "))["error"]["type"] == "api_error"

    guarded.first.command = command
    response = await guarded.post("/v1/responses", "hello")
    assert response.status_code == 503
    assert reason in response.json()["error"]["message"]


async def test_a_filter_that_gives_nothing_back_changes_nothing(guarded: Guarded) -> None:
    for server in guarded.servers:
        server.command = "nothing"
    guarded.behave(text="SECRET-4321 and more than a window of text")
    response = await guarded.post("/v1/chat/completions", "SECRET-1234")
    assert "SECRET-1234" in guarded.sent[0]
    assert "SECRET-4321" in response.text
    response = await guarded.post("/v1/chat/completions", "SECRET-1234", stream=True)
    assert said(response.text) == "SECRET-4321 and more than a window of text"


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_that_is_blocked(guarded: Guarded, path: str) -> None:
    guarded.behave(text="This is how it begins, and then an exploit follows it.")
    response = await guarded.post(path, "hello")
    assert response.status_code == 400
    assert "'answers'" in response.json()["error"]["message"]
    streamed = await guarded.post(path, "hello", stream=True)
    assert streamed.status_code == 200
    assert said(streamed.text).startswith("This is")
    assert "exploit" not in streamed.text
    error = json.loads(streamed.text.split("data: ")[-1 - ("[DONE]" in streamed.text)])
    message = error["message"] if path == "/v1/responses" else error["error"]["message"]
    assert "'answers'" in message


async def test_a_decision_alone_is_looked_at_too(guarded: Guarded) -> None:
    assert (await guarded.post("/routing/v1/messages", "an exploit")).status_code == 400
    decided = await guarded.post("/routing/v1/messages", "hello SECRET-1234")
    assert decided.status_code == 200
    assert "[REDACTED]" in guarded.second.shown[-1].body.decode()
    assert guarded.answers.shown == []


async def test_preferences_are_for_us_alone(guarded: Guarded) -> None:
    routes = houses.greeting("beta/model-b")
    response = await guarded.post(
        "/v1/chat/completions", "hello SECRET-1234", routing_preferences=routes
    )
    assert response.headers["x-dragoman-model"] == "beta/model-b"
    assert "routing_preferences" not in guarded.first.shown[0].json


async def test_a_failed_attempt_is_not_looked_at(guarded: Guarded) -> None:
    guarded.house.alpha.behave("model-a", Behaviour(status=500))
    response = await guarded.post("/v1/chat/completions", houses.PROMPT)
    assert response.headers["x-dragoman-attempts"] == "2"
    assert len(guarded.first.shown) == len(guarded.answers.shown) == 1
    guarded.behave(status=429, code="rate_limit_exceeded")
    response = await guarded.post("/v1/chat/completions", "hello")
    assert response.status_code == 429
    assert len(guarded.answers.shown) == 1


async def test_a_large_and_a_packed_request(guarded: Guarded) -> None:
    large = await guarded.post("/v1/chat/completions", "SECRET-1234 " * 20_000)
    assert large.status_code == 200
    assert guarded.sent[0].count("[REDACTED]") == 20_000
    body = json.dumps(BODIES["/v1/messages"]).replace("{}", "SECRET-1234").encode()
    packed = await guarded.house.client.post(
        "/v1/messages", content=gzip.compress(body), headers={"content-encoding": "gzip"}
    )
    assert packed.status_code == 200
    assert "SECRET" not in guarded.sent[1]
    guarded.behave(text="SECRET-1234", gzip=True)
    unpacked = await guarded.post("/v1/chat/completions", "hello")
    assert "[REDACTED]" in unpacked.text
    guarded.behave(text="SECRET-1234", headers=(("content-encoding", "br"),))
    broken = await guarded.post("/v1/chat/completions", "hello")
    assert broken.status_code == 503
    assert "unreadable" in broken.text


async def test_other_paths(guarded: Guarded) -> None:
    post = guarded.house.client.post
    answer = await post("/v1/embeddings", json={"model": "beta/model-b", "input": "SECRET-1234"})
    assert answer.status_code == 200
    assert "[REDACTED]" in guarded.sent[0]
    legacy = {"model": "beta/model-b", "prompt": "SECRET-1234"}
    assert (await post("/v1/completions", json=legacy)).status_code == 200
    assert "[REDACTED]" in guarded.sent[1]
    assert guarded.answers.shown[-1].path == "/guard/v1/completions"
    refused = [
        await post("/v1/files", files={"file": b"x"}, data={"purpose": "batch"}),
        await post(
            "/v1/audio/transcriptions", files={"file": b"x"}, data={"model": "gamma/model-c"}
        ),
        await post("/v1/audio/speech", json={"model": "gamma/model-c", "input": "hello"}),
        await guarded.house.client.get("/v1/files/file-123/content?model=gamma/model-c"),
        await guarded.house.client.request("DELETE", "/v1/files/file-123", content=b"SECRET-1234"),
        await post("/v1/embeddings", json=["SECRET-1234"]),
        await post("/v1/embeddings?model=beta/model-b", content=b"SECRET-1234"),
    ]
    assert [each.status_code for each in refused] == [400] * 7
    assert len(guarded.sent) == 2
    assert {each.json()["error"]["code"] for each in refused} == {"not_guarded"}
    deleted = await guarded.house.client.delete("/v1/files/file-123?model=gamma/model-c")
    assert deleted.status_code == 200
    listed = await guarded.house.client.get("/v1/files?model=gamma/model-c")
    assert listed.status_code == 200
    assert guarded.answers.shown[-1].path == "/guard/v1/files"


async def test_connections_are_kept(guarded: Guarded) -> None:
    before = guarded.first.connections
    for _ in range(5):
        await guarded.post("/v1/chat/completions", "hello")
    assert guarded.first.connections <= before + 1


async def test_what_others_answer_goes_by(guarded: Guarded) -> None:
    """The door, Envoy's router and Python itself answer on the way on which answers come."""
    body = json.loads(json.dumps(BODIES["/v1/responses"]).replace("{}", "hello"))
    post = guarded.house.client.post
    turned_away = await post("/v1/responses", json=body, headers={"origin": "http://elsewhere"})
    assert turned_away.status_code == 403
    guarded.behave(delay_headers=3.0)
    late = await post("/v1/responses", json=body, headers={"x-dragoman-deadline-ms": "300"})
    assert late.status_code == 504
    unknown = await post("/v1/responses", json=body | {"model": "none-such"})
    assert unknown.status_code == 404
    assert (await guarded.house.client.get("/v1/models")).status_code == 200
    assert guarded.answers.shown == []


async def test_every_verdict_is_counted(guarded: Guarded) -> None:
    blocked = await guarded.post("/v1/messages", "an exploit")
    assert blocked.status_code == 400

    async def told() -> bool:
        metrics = (await guarded.house.admin.get("/metrics")).text
        name = "dragoman_guard_verdicts_total"
        return f'{name}{{guard="asks",side="input",verdict="blocked"}}' in metrics

    await guarded.house.until(told)
    (receipt, *_) = (await guarded.house.admin.get("/decisions")).json()["decisions"]
    assert (receipt["candidates"], receipt["requested_model"]) == ([], "anthropic/claude-a")
    assert [(one["verdict"], one["reason"]) for one in receipt["guards"]] == [
        ("blocked", "content_blocked")
    ]
