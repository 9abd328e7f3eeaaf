"""What the encoder reads of a request: turns, then what its tools are called."""

from __future__ import annotations

import pytest

from extproc.core.conversation import Turn
from extproc.intent.conversation_ids import conversation_ids
from extproc.intent.tokens import CONVERSATION_TOKENS, END, Tokens, tools_text

AGENT = ("Bash", "TodoWrite", "read_file")


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens()


def test_tools_come_behind_the_turns(tokens: Tokens) -> None:
    said = (Turn("user", "bump the version"),)
    alone, with_tools = conversation_ids(tokens, said), conversation_ids(tokens, said, AGENT)
    assert with_tools[: len(alone)] == alone
    assert with_tools[len(alone) :] == [*tokens.ids("tools: Bash, Todo Write, read file"), END]


def test_tools_find_room_behind_a_long_conversation(tokens: Tokens) -> None:
    said = tuple(Turn("user" if nth % 2 else "assistant", "word " * 300) for nth in range(9))
    ids = conversation_ids(tokens, said, AGENT * 10)
    assert len(ids) <= CONVERSATION_TOKENS
    named = tokens.ids(tools_text(AGENT * 10))[:16]
    assert ids[-1 - len(named) :] == [*named, END]


def test_tools_alone_are_no_request(tokens: Tokens) -> None:
    assert conversation_ids(tokens, (), AGENT) == []


@pytest.mark.parametrize("names", [(), ("",), (" ", "__"), ("-",)])
def test_tools_without_names_are_none(names: tuple[str, ...]) -> None:
    assert tools_text(names) == ""


def test_a_name_of_any_length_costs_no_more() -> None:
    assert len(tools_text(["x" * 10_000_000] * 32)) <= len("tools: ") + 160
