"""The prompt's bytes, and what of a conversation fits into it."""

from __future__ import annotations

import hashlib
import json

import pytest

from extproc.config.values import Route
from extproc.dialects.conversation import Conversation, Turn
from extproc.intent.arch_router_prompt import PROMPT, TOKEN_BUDGET, fill, recent, trim

ROUTES = (
    Route("Image generation", "generating image", ()),
    Route("image search", "search image", ()),
)
TALK = (
    Turn("user", "hi"),
    Turn("assistant", "Hello! How can I assist you today?"),
    Turn("user", "given the image In style of Andy Warhol"),
    Turn("assistant", "ok here is the image"),
    Turn("user", "pls give me another image about Bart and Lisa"),
)


def conversation_in(prompt: str) -> list[dict[str, str]]:
    after = prompt.partition("<conversation>\n")[2]
    read = json.loads(after.partition("\n</conversation>")[0])
    assert isinstance(read, list)
    return read


def test_the_template_is_the_published_one() -> None:
    raw = PROMPT.encode()
    assert len(raw) == 856
    assert hashlib.sha256(raw).hexdigest() == (
        "8004153a5e58066139d261d56392543ef29c63487ad4872aaba4d29929890dde"
    )


def test_the_filled_prompt_is_exact() -> None:
    turns = (
        Turn("user", "hi"),
        Turn("assistant", "Grüß Gott!"),
        Turn("user", 'draw "Bart"\nand Lisa'),
    )
    expected = PROMPT.replace(
        "{routes}",
        '[{"name":"Image generation","description":"generating image"},'
        '{"name":"image search","description":"search image"}]',
    ).replace(
        "{conversation}",
        '[{"role":"user","content":"hi"},{"role":"assistant","content":"Grüß Gott!"},'
        '{"role":"user","content":"draw \\"Bart\\"\\nand Lisa"}]',
    )
    assert fill(turns, ROUTES) == expected


def test_routes_keep_their_order_and_their_twins() -> None:
    routes = (Route("b", "two", ("m",)), Route("a", "one", ("m",)), Route("b", "again", ()))
    prompt = fill(TALK, routes)
    assert (
        '[{"name":"b","description":"two"},{"name":"a","description":"one"},'
        '{"name":"b","description":"again"}]'
    ) in prompt


def test_placeholders_in_what_is_filled_in_stay_as_they_are() -> None:
    routes = (Route("{routes}", "about {conversation} templates", ()),)
    prompt = fill((Turn("user", "what do {routes} and {conversation} mean?"),), routes)
    assert '[{"name":"{routes}","description":"about {conversation} templates"}]' in prompt
    assert conversation_in(prompt) == [
        {"role": "user", "content": "what do {routes} and {conversation} mean?"}
    ]


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


def test_an_overflowing_user_turn_is_shortened() -> None:
    question = "how " * 5000 + "?"
    (content,) = conversation_in(fill((Turn("user", question),), ROUTES))
    assert content["content"].startswith("how how")
    assert content["content"].endswith("how ?")
    assert "…" in content["content"]


def test_an_overflowing_assistant_turn_ends_the_selection() -> None:
    turns = (Turn("user", "first"), Turn("assistant", "a" * 9000), Turn("user", "second"))
    assert conversation_in(fill(turns, ROUTES)) == [{"role": "user", "content": "second"}]


def test_a_user_turn_is_always_there() -> None:
    turns = (Turn("user", "u" * 9000), Turn("assistant", "a" * 8180))
    kept = recent(turns, 1500)
    assert [turn.role for turn in kept] == ["user"]
    assert len(kept[0].text.encode()) == 6000


def test_turns_without_text_are_dropped() -> None:
    turns = (Turn("user", ""), Turn("assistant", " \n"), Turn("user", "hello"), Turn("user", ""))
    assert recent(turns, 100) == (Turn("user", "hello"),)
    assert recent((Turn("assistant", "hello"), Turn("user", " ")), 100) == ()


@pytest.mark.parametrize("descriptions", [1, 20, 200])
def test_routes_count_against_the_budget(descriptions: int) -> None:
    routes = [Route(f"route {number}", "words " * 12, ()) for number in range(descriptions)]
    turns: Conversation = tuple(
        Turn("assistant" if number % 2 else "user", "ten letters " * 20) for number in range(401)
    )
    prompt = fill(turns, routes)
    spoken = sum(len(turn["content"].encode()) // 4 for turn in conversation_in(prompt))
    named = len(prompt.partition("<routes>\n")[2].partition("\n</routes>")[0].encode()) // 4
    room = TOKEN_BUDGET - 214 - named
    assert spoken <= max(room, 128)
    assert spoken > min(room, 128) - 61
    assert f"route {descriptions - 1}" in prompt


def test_text_that_utf8_cannot_carry_is_replaced() -> None:
    assert conversation_in(fill((Turn("user", "odd \ud83d"),), ROUTES)) == [
        {"role": "user", "content": "odd ?"}
    ]
