"""The models processor: the list and single models, in the client's shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.errors import ClientError
from extproc.transport.wire import ProcessingResponse
from extproc.worker.exchange import ProtocolError
from extproc.worker.models import ModelsProcessor
from tests.helpers.envoy_stream import Envoy, request_body, request_headers, set_by

ENDPOINT = Endpoint("https", "h", 443, "h")
PATHS = {Dialect.CHAT: "/"}
CONFIG = Config(
    (
        *(Model(f"p/m{number:02}", "p", f"m{number:02}", ENDPOINT, PATHS) for number in range(25)),
        Model("openai/*", "openai", "*", ENDPOINT, PATHS, families=("gpt-*",)),
    ),
    aliases={"quick": "p/m01"},
)
ANTHROPIC = {"anthropic-version": "2023-06-01"}


def processor(*priced: str) -> ModelsProcessor:
    return ModelsProcessor(CONFIG, Catalog(CONFIG), lambda: priced)


async def answer(path: str, *priced: str, **headers: str) -> tuple[dict[str, Any], dict[str, str]]:
    given = {":path": path, "x-request-id": "the-id"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    envoy = Envoy(request_headers(given, ends=True), waits=True)
    await processor(*priced).serve(envoy)
    (said,) = envoy.heard
    reply = said.immediate_response
    assert reply.status.code == 200
    return json.loads(reply.body), set_by(reply.headers)


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/v1/models/"])
async def test_openais_list_is_whole(path: str) -> None:
    listed, headers = await answer(path, "openai/gpt-new")
    assert (listed["object"], listed["has_more"]) == ("list", False)
    ids = [model["id"] for model in listed["data"]]
    assert ids[:25] == [f"p/m{number:02}" for number in range(25)]
    assert {"openai/gpt-5", "openai/gpt-new", "quick"} <= set(ids)
    assert listed["data"][0] == {
        "id": "p/m00",
        "object": "model",
        "created": 0,
        "owned_by": "p",
    }
    assert headers == {"content-type": "application/json", "x-request-id": "the-id"}


async def test_anthropics_list_comes_in_pages() -> None:
    first, headers = await answer("/v1/models", anthropic_version="2023-06-01")
    assert len(first["data"]) == 20
    assert (first["first_id"], first["last_id"], first["has_more"]) == ("p/m00", "p/m19", True)
    assert first["data"][0] == {
        "type": "model",
        "id": "p/m00",
        "display_name": "p/m00",
        "created_at": "1970-01-01T00:00:00Z",
    }
    assert headers["request-id"] == "the-id"
    second, _ = await answer("/v1/models?limit=3&after_id=p/m19", anthropic_version="x")
    assert [model["id"] for model in second["data"]] == ["p/m20", "p/m21", "p/m22"]


async def test_an_empty_page() -> None:
    last, _ = await answer("/v1/models?after_id=quick", anthropic_version="x")
    assert last == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("p/m01", "p"),
        ("p%2Fm01", "p"),
        ("quick", "p"),
        ("gpt-9", "openai"),
        ("openai/gpt-9-2030-01-01", "openai"),
    ],
)
async def test_one_model_by_any_name_that_a_request_may_give_it(name: str, owner: str) -> None:
    model, _ = await answer(f"/v1/models/{name}")
    assert (model["id"], model["owned_by"]) == (name.replace("%2F", "/"), owner)
    in_anthropics_shape, _ = await answer(f"/models/{name}", anthropic_version="x")
    assert in_anthropics_shape["type"] == "model"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/models/none", 404), ("/v1/models/openai/*", 404), ("/v1/models?limit=0", 400)],
)
async def test_a_refusal_is_in_the_clients_shape(path: str, status: int) -> None:
    for headers, members in (({}, {"error"}), (ANTHROPIC, {"type", "error"})):
        asked = {":path": path, "x-request-id": "the-id"} | headers
        refusing = processor()
        with pytest.raises(ClientError) as raised:
            await refusing.serve(Envoy(request_headers(asked, ends=True)))
        assert raised.value.status == status
        reply = ProcessingResponse.FromString(refusing.refuse(raised.value)).immediate_response
        assert json.loads(reply.body).keys() == members
        assert set_by(reply.headers)["request-id" if headers else "x-request-id"] == "the-id"


async def test_what_envoy_must_not_say() -> None:
    for message in (request_body(b"x"), request_headers({":path": "/v1/messages"})):
        with pytest.raises(ProtocolError):
            await processor().serve(Envoy(message))


async def test_an_envoy_that_is_gone() -> None:
    envoy = Envoy()
    await processor().serve(envoy)
    assert envoy.heard == []
