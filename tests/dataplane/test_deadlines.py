"""How long is waited: for an attempt, for all of them together, and for the client's sake."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, OFF_TOPIC, PROMPT, House
from tests.helpers.house import house as start

PATHS = ("/v1/chat/completions", MESSAGES := "/v1/messages")
SLOW = Behaviour(delay_headers=2.0)
SILENT = Behaviour(before_headers="silence")


@pytest.fixture(scope="module")
async def shared_hurry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory = tmp_path_factory.mktemp("hurry")
    async with start(
        directory, attempt_timeout="700ms", first_content_timeout="700ms", answer_timeout="1s"
    ) as running:
        yield running


@pytest.fixture
def hurry(shared_hurry: House) -> House:
    """A house without patience."""
    shared_hurry.clear()
    return shared_hurry


@pytest.mark.parametrize("stream", [False, True])
async def test_a_silent_model_is_passed_over_but_the_last_one_is_waited_for(
    hurry: House, stream: bool
) -> None:
    hurry.alpha.script(SILENT, Behaviour(status=503))
    hurry.beta.script(Behaviour(status=429))
    hurry.gamma.script(Behaviour(status=500))
    hurry.delta.script(SLOW)
    began = time.monotonic()
    response = await hurry.chat(stream=stream)
    took = time.monotonic() - began
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-attempts"] == "5"
    assert 2.5 < took < 8
    line, *_ = await hurry.logged(
        lambda line: line["log"] == "attempt" and "UT" in line["flags"] and line["attempt"] == "1"
    )
    assert line["model"] == "alpha/model-a"


async def test_a_whole_answer_that_is_being_generated_is_not_cut_like_a_stream(
    hurry: House,
) -> None:
    hurry.alpha.script(Behaviour(delay_headers=0.85))
    response = await hurry.chat()
    assert (response.status_code, response.json()["model"]) == (200, "model-a")


async def test_a_whole_answer_that_drips_is_passed_over_in_time(hurry: House) -> None:
    hurry.alpha.script(Behaviour(slow_body=4.0))
    response = await hurry.chat()
    assert (response.status_code, response.json()["model"]) == (200, "model-b")


async def test_a_client_is_answered_before_it_gives_up(house: House) -> None:
    """All ask at once: so their deadlines can be long ones, which leave time to be late in."""
    for provider in house.providers.values():
        provider.default = SILENT
    headers: list[dict[str, str]] = [
        {"x-dragoman-deadline-ms": "10000"},
        {"x-stainless-timeout": "10"},
        {"x-stainless-read-timeout": "10", "x-stainless-timeout": "600"},
    ]
    prompts = {OFF_TOPIC: house.gamma, PROMPT: house.alpha}
    cases = [*product(prompts, PATHS, headers, (False, True))]

    async def ask(prompt: str, path: str, said: dict[str, str], stream: bool) -> None:
        began = time.monotonic()
        response = await house.chat(prompt, path=path, headers=said, stream=stream, max_tokens=9)
        assert 8.5 < time.monotonic() - began < 10
        assert response.status_code == 504, response.text
        messages = path == MESSAGES
        assert response.json().get("type") == ("error" if messages else None)
        error = response.json()["error"]
        assert error["type"] == ("timeout_error" if messages else "server_error")

    async with asyncio.TaskGroup() as tasks:
        for case in cases:
            tasks.create_task(ask(*case))
    for provider in prompts.values():
        assert len(provider.exchanges) == len(cases) / len(prompts)
    assert not house.beta.exchanges


async def test_who_names_a_deadline_wants_content_by_then(house: House) -> None:
    for provider in house.providers.values():
        provider.default = Behaviour(stall_after=0)

    async def ask(prompt: str) -> None:
        began = time.monotonic()
        headers = {"x-dragoman-deadline-ms": "5000"}
        response = await house.chat(prompt, headers=headers, stream=True)
        assert 4.25 < time.monotonic() - began < 5
        assert response.status_code == 504
        assert response.json()["error"]["code"] == "deadline"

    await asyncio.gather(*map(ask, (OFF_TOPIC, PROMPT)))


async def test_a_deadline_leaves_time_for_the_next_candidate(hurry: House) -> None:
    hurry.alpha.script(SILENT)
    response = await hurry.chat(headers={"x-dragoman-deadline-ms": "5000"}, stream=True)
    assert (response.status_code, response.headers["x-dragoman-attempts"]) == (200, "2")


async def test_a_deadline_does_not_cut_what_has_begun(house: House) -> None:
    house.alpha.script(Behaviour(deltas=6, delay_between=0.2))
    response = await house.chat(headers={"x-dragoman-deadline-ms": "600"}, stream=True)
    assert (response.status_code, response.text[-14:].strip()) == (200, "data: [DONE]")


@pytest.mark.parametrize("value", ["soon", "0", "-5", "1.5", "9" * 30, ""])
async def test_a_deadline_that_is_none(house: House, value: str) -> None:
    response = await house.chat(headers={"x-dragoman-deadline-ms": value})
    assert response.status_code == 400
    assert "x-dragoman-deadline-ms must be" in response.json()["error"]["message"]
    assert not house.alpha.exchanges


@pytest.mark.parametrize("value", ["NOT_GIVEN", "0", "-1", "nan", "inf", "1e400"])
async def test_what_an_sdk_cannot_say_does_not_count(house: House, value: str) -> None:
    response = await house.chat(headers={"x-stainless-read-timeout": value})
    assert response.status_code == 200


async def test_no_other_header_of_ours_comes_in(house: House) -> None:
    house.alpha.script(Behaviour(delay_headers=0.3))
    response = await house.chat(
        headers={
            "x-dragoman-answer-within": "1",
            "x-dragoman-headers-within": "1",
            "x-dragoman-deadline-ms2": "1",
            "x-dragoman-deadline": "1",
            "X-Dragoman-Candidates": "1",
            "x-envoy-upstream-rq-timeout-ms": "1",
        }
    )
    assert (response.status_code, response.headers["x-dragoman-attempts"]) == (200, "1")
    (exchange,) = house.alpha.exchanges
    assert not any(name.startswith(("x-dragoman-", "x-envoy-")) for name, _ in exchange.headers)


async def test_a_routes_own_times(tmp_path: Path) -> None:
    own = (
        "    attempt_timeout: 500ms\n    answer_timeout: 800ms\n    first_content_timeout: 600ms\n"
    )
    config = CONFIG.replace("dragoman:\n", own + "dragoman:\n")
    async with start(tmp_path, config=config) as house:
        for behaviour, stream in (
            (SILENT, False),
            (SILENT, True),
            (Behaviour(delay_first_content=9), True),
        ):
            house.clear()
            house.alpha.script(behaviour)
            async with asyncio.timeout(4):
                response = await house.chat(stream=stream)
            assert (response.status_code, response.headers["x-dragoman-attempts"]) == (200, "2")


async def test_the_end_of_a_broken_stream_is_not_late(house: House) -> None:
    """Envoy would wait a second before it closes the connection, if it were not told otherwise."""
    took = []
    for _ in range(3):
        house.alpha.script(Behaviour(deltas=9, delay_between=0.1, cut_after=3))
        began = time.monotonic()
        with pytest.raises(httpx.RemoteProtocolError):
            await house.chat(stream=True)
        took.append(time.monotonic() - began)
    assert min(took) < 0.9
