"""What conversations begin with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.models import Dialect
from extproc.dialects.prefixes import opening_of, prefix_of
from extproc.dialects.request import ClientRequest, parse

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
HI = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "function": {"name": "f"}}


def request(dialect: Dialect, **body: Any) -> ClientRequest:
    return parse(dialect, json.dumps({"model": "m"} | body).encode())


def chat(*turns: Any, **more: Any) -> ClientRequest:
    return request(CHAT, messages=turns, **more)


@pytest.mark.parametrize(
    ("dialect", "system", "turns"),
    [
        (CHAT, {}, "messages"),
        (MESSAGES, {"system": "be kind"}, "messages"),
        (MESSAGES, {"system": [{"type": "text", "text": "be kind"}]}, "messages"),
        (RESPONSES, {"instructions": "be kind"}, "input"),
    ],
)
def test_a_conversation_that_goes_on_begins_the_same(
    dialect: Dialect, system: dict[str, Any], turns: str
) -> None:
    first = [HI] if system else [{"role": "system", "content": "be kind"}, HI]
    later = [*first, {"role": "assistant", "content": "hello"}, {"role": "user", "content": "2"}]
    one, two = (request(dialect, **system, **{turns: each}) for each in (first, later))
    assert prefix_of(one) == prefix_of(two)
    assert opening_of(one) == opening_of(two)
    assert len(prefix_of(one)) == 16
    without = request(dialect, **{turns: [HI]})
    assert prefix_of(without) != prefix_of(one)
    assert opening_of(without) != opening_of(one)


def test_tools_are_a_part_of_the_beginning() -> None:
    assert prefix_of(chat(HI)) != prefix_of(chat(HI, tools=[TOOL]))


def test_other_first_words_and_another_model_are_another_conversation() -> None:
    other = chat({"role": "user", "content": "ho"})
    assert prefix_of(other) == prefix_of(chat(HI))
    assert opening_of(other) != opening_of(chat(HI))
    assert opening_of(chat(HI, model="other")) != opening_of(chat(HI))


def test_where_nothing_was_said_there_is_no_conversation() -> None:
    assert opening_of(chat({"role": "system", "content": "be kind"})) is None


def test_what_agents_change_in_each_request_does_not_count() -> None:
    one, two = (
        request(
            MESSAGES,
            system=[
                {"type": "text", "text": f"x-anthropic-billing-header: cch={number};"},
                {"type": "text", "text": "be kind"},
            ],
            messages=[HI],
        )
        for number in (1, 2)
    )
    assert prefix_of(one) == prefix_of(two)
