"""Guards of requests and of answers, asked over HTTP, through Envoy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers import house as houses
from tests.helpers.filter_server import FilterServer, filter_server
from tests.helpers.house import CLIENT_KEY, House

CONFIG = houses.CONFIG.replace(
    "port: {port}, timeout: 30s}}",
    "port: {port}, timeout: 30s, input_filters: [asks, trusted], output_filters: [answers]}}",
).replace(
    "dragoman:\n",
    """filters:
  - {{id: asks, type: http, url: "{{FIRST}}", deadline: 1s}}
  - {{id: trusted, type: http, url: "{{SECOND}}/trusted/", deadline: 300ms, on_failure: open,
     pass_credentials: true}}
  - {{id: answers, type: http, url: "{{THIRD}}", deadline: 1s, window: 12}}
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
