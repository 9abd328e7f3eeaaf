"""Sessions of others are neither seen nor steered, and a pin that says nothing is not followed."""

from __future__ import annotations

import uuid

from tests.helpers.house import CHAT_MODELS, OFF_TOPIC, ROUTE, House

ALPHA, BETA, GAMMA = CHAT_MODELS
DECISION = "/routing/v1/chat/completions"
ELSEWHERE = [{"name": ROUTE, "description": "writing code", "models": [BETA]}]


def client(key: str, session: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", "x-model-affinity": session}


async def test_guessing_a_session_steers_nobody(house: House) -> None:
    session = uuid.uuid4().hex
    await house.chat(headers=client("attacker", session), routing_preferences=ELSEWHERE)
    answer = await house.chat(headers=client("victim", session))
    assert answer.headers["x-dragoman-model"] == ALPHA
    assert "x-dragoman-pinned" not in answer.headers
    again = await house.chat(headers=client("attacker", session))
    assert again.headers["x-dragoman-model"] == BETA
    assert again.headers["x-dragoman-pinned"] == "true"


async def test_nor_does_guessing_what_an_agent_calls_its_conversation(house: House) -> None:
    name = {"x-claude-code-session-id": uuid.uuid4().hex}
    attacker = {"authorization": "Bearer attacker", **name}
    await house.chat(headers=attacker, routing_preferences=ELSEWHERE)
    answer = await house.chat(headers={"authorization": "Bearer victim", **name})
    assert answer.headers["x-dragoman-model"] == ALPHA
    assert "x-dragoman-pinned" not in answer.headers
    again = await house.chat(headers=attacker)
    assert again.headers["x-dragoman-pinned"] == "true"


async def test_a_key_in_another_header_is_the_same_client(house: House) -> None:
    session = uuid.uuid4().hex
    await house.chat(headers=client("mine", session), routing_preferences=ELSEWHERE)
    body = {"model": GAMMA, "messages": [{"role": "user", "content": OFF_TOPIC}]}
    headers = {"x-api-key": "mine", "x-model-affinity": session}
    answer = await house.client.post("/v1/chat/completions", json=body, headers=headers)
    assert answer.headers["x-dragoman-model"] == BETA


async def test_the_free_decision_pins_no_request(house: House) -> None:
    session = {"x-model-affinity": uuid.uuid4().hex}
    body = {
        "model": GAMMA,
        "messages": [{"role": "user", "content": "Write a Python function"}],
        "routing_preferences": ELSEWHERE,
    }
    decided = await house.client.post(DECISION, json=body, headers=session)
    assert decided.json()["models"] == [BETA]
    del body["routing_preferences"]
    answer = await house.client.post("/v1/chat/completions", json=body, headers=session)
    assert "x-dragoman-pinned" not in answer.headers


async def test_a_session_that_began_off_topic_goes_where_each_request_asks(house: House) -> None:
    session = client("mine", uuid.uuid4().hex)
    for model in (GAMMA, BETA, GAMMA):
        answer = await house.chat(OFF_TOPIC, headers=session, model=model)
        assert answer.headers["x-dragoman-model"] == model
    answer = await house.chat(headers=session)
    assert answer.headers["x-dragoman-route"] == ROUTE


async def test_a_client_cannot_say_whose_sessions_it_wants(house: House) -> None:
    session = uuid.uuid4().hex
    await house.chat(headers=client("victim", session), routing_preferences=ELSEWHERE)
    forged = {"x-dragoman-client": "anything", **client("attacker", session)}
    answer = await house.chat(headers=forged)
    assert "x-dragoman-pinned" not in answer.headers
