"""What of a conversation a router model is shown."""

from __future__ import annotations

import pytest

from extproc.core.conversation import Turn
from extproc.intent.history import recent, tokens, trim

TALK = (
    Turn("user", "hi"),
    Turn("assistant", "Hello! How can I assist you today?"),
    Turn("user", "given the image In style of Andy Warhol"),
    Turn("assistant", "ok here is the image"),
    Turn("user", "pls give me another image about Bart and Lisa"),
)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("given the image In style of Andy Warhol", 12, "given…rhol"),
        ("abcdefghij", 9, "abc…hij"),
        ("abcdefghij", 4, "…j"),
        ("abcdefghij", 3, "abc"),
        ("abcdefghij", 0, ""),
        ("ääääääääää", 14, "äää…ää"),
        ("ääääääääää", 13, "äää…ää"),
        ("ääääääääää", 3, "ä"),
        ("🜁🜁🜁🜁", 11, "🜁…🜁"),
    ],
)
def test_the_middle_is_cut_out(text: str, limit: int, expected: str) -> None:
    assert trim(text, limit) == expected
    assert len(trim(text, limit).encode()) <= max(limit, 0)


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (33, ["hi", TALK[1].text, TALK[2].text, TALK[3].text, TALK[4].text]),
        (32, [TALK[2].text, TALK[3].text, TALK[4].text]),
        (25, [TALK[2].text, TALK[3].text, TALK[4].text]),
        (19, ["given…rhol", TALK[3].text, TALK[4].text]),
        (17, ["…l", TALK[3].text, TALK[4].text]),
        (16, [TALK[3].text, TALK[4].text]),
        (15, [TALK[4].text]),
        (5, ["pls give m…nd Lisa"]),
        (0, [TALK[4].text]),
        (-100, [TALK[4].text]),
    ],
)
def test_the_latest_turns_that_fit(room: int, expected: list[str]) -> None:
    assert [turn.text for turn in recent(TALK, room)] == expected


@pytest.mark.parametrize(("most", "kept"), [(None, 5), (5, 5), (4, 4), (1, 1)])
def test_the_most_turns(most: int | None, kept: int) -> None:
    assert recent(TALK, 1000, most) == TALK[-kept:]


def test_turns_without_text_do_not_count_among_the_most() -> None:
    turns = (Turn("user", "first"), Turn("assistant", " "), Turn("user", "\n"), Turn("user", "x"))
    assert recent(turns, 1000, 2) == (turns[0], turns[3])


def test_the_last_user_turn_is_found_beyond_the_most() -> None:
    turns = (Turn("user", "asked"), Turn("assistant", "one"), Turn("assistant", "two"))
    assert recent(turns, 1000, 2) == (turns[0],)


def test_an_overflowing_assistant_turn_ends_the_selection() -> None:
    turns = (Turn("user", "first"), Turn("assistant", "a" * 9000), Turn("user", "second"))
    assert recent(turns, 1000) == (turns[2],)


def test_a_user_turn_is_always_there() -> None:
    turns = (Turn("user", "u" * 9000), Turn("assistant", "a" * 8180))
    kept = recent(turns, 1500)
    assert [turn.role for turn in kept] == ["user"]
    assert len(kept[0].text.encode()) == 6000


def test_turns_without_text_are_dropped() -> None:
    turns = (Turn("user", ""), Turn("assistant", " \n"), Turn("user", "hello"), Turn("user", ""))
    assert recent(turns, 100) == (Turn("user", "hello"),)
    assert recent((Turn("assistant", "hello"), Turn("user", " ")), 100) == ()


def test_text_that_utf8_cannot_carry_is_replaced() -> None:
    assert recent((Turn("user", "odd \ud83d"),), 100) == (Turn("user", "odd ?"),)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("abc", 0), ("abcd", 1), ("ääää", 2)])
def test_tokens_are_four_bytes(text: str, count: int) -> None:
    assert tokens(text) == count
