"""What of a conversation is looked at."""

from __future__ import annotations

import pytest

from extproc.core.conversation import Conversation, Turn
from extproc.intent.excerpts import clip, excerpts


def conversation(*texts: str) -> Conversation:
    """Turns by turns, the user first."""
    return tuple(
        Turn("assistant" if position % 2 else "user", text) for position, text in enumerate(texts)
    )


@pytest.mark.parametrize("length", [1, 9, 10])
def test_a_short_text_is_left_alone(length: int) -> None:
    assert clip("x" * length, 10) == "x" * length


@pytest.mark.parametrize("limit", [10, 120, 480])
def test_a_long_text_keeps_more_head_than_tail(limit: int) -> None:
    clipped = clip("a" * 5000 + "b" * 5000, limit)
    assert len(clipped) == limit
    head, tail = clipped.split(" ")
    assert set(head) == {"a"}
    assert set(tail) == {"b"}
    assert len(head) == limit * 6 // 10


def test_the_last_user_turn_comes_first() -> None:
    parts = excerpts(conversation("u1", "a1", "u2", "a2", "u3", "a3", "u4"))
    assert parts == ["u4", "u3", "a3", "u2", "u1"]


def test_the_size_is_bounded_whatever_the_conversation() -> None:
    parts = excerpts(conversation(*["word " * 10_000] * 501))
    assert [len(part) for part in parts] == [480, 220, 160, 220, 120, 120, 120]


def test_turns_without_text_are_passed_over() -> None:
    assert excerpts(conversation("question", "answer", "  \n ", "", "")) == ["question", "answer"]


@pytest.mark.parametrize("texts", [(), ("",), (" \n\t",), ("", "an answer to nothing")])
def test_without_a_user_s_words_there_is_nothing(texts: tuple[str, ...]) -> None:
    assert excerpts(conversation(*texts)) == []


def test_blanks_around_a_long_text_do_not_count() -> None:
    [part] = excerpts(conversation(" " * 2000 + "a" * 10_000 + "b" * 10_000 + "\n" * 2000))
    assert part == "a" * 288 + " " + "b" * 191


def test_blanks_of_megabytes_are_no_text() -> None:
    assert excerpts(conversation(" " * 10_000_000)) == []
