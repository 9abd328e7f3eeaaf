"""What the console asks for, from the whole application behind the admin port."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from extproc.core.config_json import fingerprint
from extproc.explain.reasons import reasons
from tests.helpers.console_port import ConsolePort, console_port

TOKEN = "s3cret"


@pytest.fixture
async def port() -> AsyncIterator[ConsolePort]:
    async with console_port() as running:
        yield running


@pytest.fixture
async def client(port: ConsolePort) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=port.url) as client:
        yield client


async def test_a_story(port: ConsolePort, client: httpx.AsyncClient) -> None:
    request_id = port.told(statuses=(429, 200))
    story = (await client.get(f"/decisions/{request_id}/story")).json()
    receipt = (await client.get(f"/decisions/{request_id}")).json()
    assert story == {"reasons": reasons(receipt), "receipt": receipt}
    assert "answered after" in story["reasons"]


async def test_a_story_that_is_not_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/decisions/none/story")
    assert answer.status_code == 404
    assert "Only the latest 1000 are (dragoman.kept_decisions)" in answer.json()["error"]


async def test_activity(port: ConsolePort, client: httpx.AsyncClient) -> None:
    port.traffic(40)
    activity = (await client.get("/activity?minutes=5")).json()
    assert activity["minutes"] == 5
    assert sum(route["requests"] for route in activity["routes"]) == 40
    assert sum(model["share"] for model in activity["models"]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/activity?minutes=61", "minutes must be a whole number from 1 to 60"),
        ("/events?latest=-1", "latest must be a whole number from 0 to 1000"),
    ],
)
async def test_a_question_that_is_none(client: httpx.AsyncClient, path: str, error: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_the_configuration_names_secrets_by_their_variables(
    port: ConsolePort, client: httpx.AsyncClient
) -> None:
    answer = (await client.get("/configuration")).json()
    model = answer["configuration"]["models"][0]
    assert model["credential"] == {
        "header": "authorization",
        "prefix": "Bearer ",
        "variable": "DRAGOMAN_KEY_1",
    }
    assert answer["hash"] == fingerprint(port.config)


async def test_all_paths_are_named(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/nowhere")).json()["paths"]
    assert {"/metrics", "/events", "/activity", "/configuration", "/console/"} <= set(paths)


async def test_with_a_token_only_what_shows_nothing_is_open() -> None:
    async with console_port(TOKEN) as port, httpx.AsyncClient(base_url=port.url) as client:
        paths = (await client.get("/nowhere", headers={"authorization": f"Bearer {TOKEN}"})).json()[
            "paths"
        ]
        answers = {path: (await client.get(path)).status_code for path in paths}
    public = {path for path, status in answers.items() if status != 401}
    assert public == {"/", "/console/", "/console/{name}", "/healthz"}


async def test_nothing_can_be_changed(client: httpx.AsyncClient) -> None:
    for path in ("/events", "/activity", "/configuration", "/console/", "/console/main.js"):
        assert (await client.post(path)).status_code == 405
