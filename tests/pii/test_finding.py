from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extproc.core.pii import QUIET_KINDS, PiiKind
from extproc.pii.finding import find
from tests.helpers.growth import grows_with_the_square
from tests.pii.development import Message, messages

MESSAGES = tuple(messages())


@pytest.mark.parametrize("message", MESSAGES, ids=[f"{n}" for n in range(len(MESSAGES))])
def test_all_of_a_message_is_found_and_nothing_else(message: Message) -> None:
    assert tuple(map(tuple, find(message.text, QUIET_KINDS))) == message.expected


def test_the_messages_have_every_kind_in_numbers() -> None:
    counts = Counter(kind for message in MESSAGES for *_, kind in message.expected)

    assert set(counts) == set(QUIET_KINDS)
    assert counts.total() >= 80


def test_only_the_kinds_asked_for_are_looked_for() -> None:
    text = "jane@example.com, 4111 1111 1111 1111"

    assert [each.kind for each in find(text, [PiiKind.CARD])] == [PiiKind.CARD]
    assert find(text, []) == []


def test_what_stands_across_two_pieces_of_a_long_text_is_found_once() -> None:
    for before in range(57_300, 57_360):
        text = "x " * (before // 2) + "." * (before % 2) + " jane.doe@example.com " + "y " * 9_000

        assert [text[start:end] for start, end, _ in find(text, QUIET_KINDS)] == [
            "jane.doe@example.com"
        ]


def test_a_long_text_tells_what_its_lines_tell() -> None:
    lines = [message.text for message in MESSAGES]
    alone = sum(len(find(line, QUIET_KINDS)) for line in lines)
    text = "\n\n".join(lines * 12)

    assert len(text) > 64 * 1024
    assert len(find(text, QUIET_KINDS)) == 12 * alone


HOSTILE = (
    *("a", "@", "a@", "1", "1 ", "4111 ", "+1", "(2", "sk-", "://a:", "-----BEGIN ", "eyJ"),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "eyJaaaaaaaa.",
        "DE89 ",
        "earer ",
        "a@b.c.",
        "[at]",
        "1\u200b",
    ),
    *("a at b dot ", "1.", "::", "123-45-", "phone: 1234567 ", "ecret_access_key=", "\\n", "%40a"),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_proportional_to_the_length(piece: str) -> None:
    def finding(length: int) -> None:
        find((piece * (length // len(piece) + 1))[:length], PiiKind)

    assert not grows_with_the_square(finding, 2_000)


@given(st.text(alphabet="a1@.-+() 4<>:/sk\u200b\uff10é_", max_size=200))
def test_findings_are_in_order_and_apart(text: str) -> None:
    end = 0
    for each in find(text, PiiKind):
        assert end <= each.start < each.end <= len(text)
        end = each.end
