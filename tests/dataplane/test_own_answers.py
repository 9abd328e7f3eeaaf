"""What every answer tells of itself, and what a provider cannot tell our clients."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, PROMPT, ROUTE, House
from tests.helpers.house import house as start

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MESSAGES = {"model": "x", "max_tokens": 9, "messages": [{"role": "user", "content": PROMPT}]}


def check_ids(response: httpx.Response, *, anthropics: bool) -> None:
    own = response.headers["x-request-id"]
    assert response.headers["x-dragoman-trace-id"] == own.replace("-", "")
    assert response.headers.get("request-id") == (own if anthropics else None)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 404),
        ("GET", "/v1/messages", None, 405),
        ("GET", "/v1/messages/batches", None, 404),
        ("POST", "/messages/unknown", {}, 404),
        ("POST", "/v1/chat/completions", {"messages": 3}, 400),
        ("POST", "/v1/messages", {"messages": 3}, 400),
        ("POST", "/routing/v1/messages", {"messages": 3}, 400),
        ("POST", "/chat/completions", {"model": "none", "messages": []}, 404),
    ],
)
async def test_refusals_have_ids(
    house: House, method: str, path: str, body: object, status: int
) -> None:
    response = await house.client.request(method, path, json=body)
    assert response.status_code == status, response.text
    anthropics = "/messages" in path
    check_ids(response, anthropics=anthropics)
    assert response.json().keys() == ({"type", "error"} if anthropics else {"error"})


async def test_a_refusal_belongs_to_the_clients_trace(house: House) -> None:
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    for path in ("/nothing", "/v1/models", "/v1/models/none"):
        response = await house.client.get(path, headers=headers)
        assert response.headers["x-dragoman-trace-id"] == TRACE


async def test_an_unknown_path_says_what_is_there(house: House) -> None:
    for path in ("/unknown", "/v1/chat", "/v1/messages/", "/routing/v1/messages/unknown"):
        message = (await house.client.get(path)).json()["error"]["message"]
        for there in ("/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/models"):
            assert there in message


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions"])
async def test_a_failed_request_names_its_route_and_is_found(house: House, path: str) -> None:
    for provider in house.providers.values():
        provider.script(*[Behaviour(before_headers="reset")] * 2)
    response = await house.chat(path=path)
    assert response.status_code == 503
    check_ids(response, anthropics=False)
    assert response.headers["x-dragoman-route"] == ROUTE
    assert response.headers["x-dragoman-attempts"] == "5"
    receipt = await house.receipt(response)
    assert receipt["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/v1/messages", "/messages"])
async def test_a_failed_request_of_anthropics_has_anthropics_id(house: House, path: str) -> None:
    for provider in house.providers.values():
        provider.script(*[Behaviour(before_headers="reset")] * 2)
    response = await house.client.post(path, json=MESSAGES)
    assert response.status_code == 503
    assert response.json()["type"] == "error"
    check_ids(response, anthropics=True)
    assert response.headers["x-dragoman-route"] == ROUTE


async def test_the_providers_own_id_stays(house: House) -> None:
    house.alpha.script(Behaviour(headers=(("x-request-id", "req_of_alpha"),)))
    response = await house.chat()
    assert response.headers.get_list("x-request-id") == ["req_of_alpha"]
    assert response.headers["x-dragoman-trace-id"] != "req_of_alpha"


FOREIGN = (
    ("alt-svc", 'h3=":443"; ma=86400'),
    ("set-cookie", "__cf_bm=secret; path=/"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-dragoman-unknown", "forged"),
    ("x-dragoman-model", "forged"),
    ("x-dragoman-translation", "forged"),
    ("x-envoy-upstream-service-time", "7"),
    ("x-envoy-ratelimited", "true"),
)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_what_a_provider_says_of_itself_stays_behind(
    house: House, path: str, stream: bool
) -> None:
    house.alpha.script(Behaviour(headers=(*FOREIGN, ("x-ratelimit-limit-requests", "9"))))
    response = await house.client.post(path, json=MESSAGES | {"stream": stream})
    assert response.status_code == 200
    assert response.headers["x-ratelimit-limit-requests"] == "9"
    assert not {"alt-svc", "set-cookie", "strict-transport-security"} & response.headers.keys()
    assert "forged" not in repr(response.headers)
    assert response.headers.get_list("x-dragoman-model") == ["alpha/model-a"]
    assert not [name for name in response.headers if name.startswith("x-envoy-")]


async def test_a_provider_cannot_hold_back_the_next_candidate(house: House) -> None:
    """Envoy's router retries no response that is marked as rate limited, unless it is told to."""
    house.alpha.script(Behaviour(status=503, headers=(("x-envoy-ratelimited", "true"),)))
    response = await house.chat()
    assert response.headers["x-dragoman-model"] == "beta/model-b"


async def test_envoys_own_reply_at_ingress_names_the_route(tmp_path: Path) -> None:
    """No attempt came back within the time for the whole answer, so there is none to add to."""
    config = CONFIG.replace("timeout: 30s", "timeout: 1s", 1)
    async with start(tmp_path, config=config) as house:
        house.alpha.script(Behaviour(before_headers="silence"))
        response = await house.client.post("/v1/messages", json=MESSAGES)
        assert response.status_code == 504
        assert response.json()["error"]["type"] == "timeout_error"
        check_ids(response, anthropics=True)
        assert response.headers["x-dragoman-route"] == ROUTE
        assert (await house.receipt(response))["status"] == 504
