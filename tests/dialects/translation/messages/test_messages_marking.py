"""Breakpoints of the prompt cache where the client put none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.dialects.translation.messages.marking import has_own_marks, marked

MARK = {"cache_control": {"type": "ephemeral"}}
HI = {"role": "user", "content": "hi"}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "s"}


def text(said: Any = "T", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def answer(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks) or "A"}


def of(**body: Any) -> dict[str, Any]:
    found = json.loads(b"".join(marked(json.dumps(body).encode())))
    assert isinstance(found, dict)
    return found


def test_tools_system_and_the_last_two_turns_of_the_users() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [text()]}
    found = of(
        tools=[{"name": "f"}, {"name": "g", "input_schema": {}}],
        system=[text("S"), text("R")],
        messages=[HI, answer(), user(text(), text("U")), answer(), user(text(), result)],
    )
    assert found == {
        "tools": [{"name": "f"}, {"name": "g", "input_schema": {}, **MARK}],
        "system": [text("S"), text("R", **MARK)],
        "messages": [
            HI,
            answer(),
            user(text(), text("U", **MARK)),
            answer(),
            user(text(), {**result, **MARK}),
        ],
    }


def test_all_else_stays_byte_for_byte() -> None:
    raw = b"""{ "big": 123456789012345678901234567890, "messages" : [ {"content": "h\\u00e9\\n" ,
    "role":"user"} ], "n":1e0, "system" :"S" , "tools":[ { "name":"f" } ] }"""
    assert b"".join(marked(raw)) == (
        b"""{ "big": 123456789012345678901234567890, "messages" : [ {"content": """
        b"""[{"type":"text","text":"h\\u00e9\\n","cache_control":{"type":"ephemeral"}}] ,
    "role":"user"} ], "n":1e0, "system" :"""
        b"""[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}] , """
        b""""tools":[ { "name":"f" ,"cache_control":{"type":"ephemeral"}} ] }"""
    )


@pytest.mark.parametrize(
    ("tools", "position"),
    [
        ([{"name": "f"}, {"name": "g", "defer_loading": True}], 0),
        ([{"name": "f"}, {"type": "mcp_toolset", "mcp_server_name": "m"}], 0),
        ([{"name": "f"}, {"type": "web_search_20250305", "name": "web_search"}], 1),
        ([{"name": "f", "defer_loading": True}], None),
        ([7, "f", {}], None),
        ([], None),
        ({"name": "f"}, None),
        (None, None),
    ],
)
def test_the_last_tool_that_is_loaded_at_once(tools: Any, position: int | None) -> None:
    found = of(tools=tools)["tools"]
    marks = [at for at, tool in enumerate(found or ()) if "cache_control" in repr(tool)]
    assert marks == ([] if position is None else [position])


@pytest.mark.parametrize(
    ("content", "position"),
    [
        ([text(), text(" \n")], 0),
        ([text(), THOUGHT], 0),
        ([text(), {"type": "redacted_thinking", "data": "d"}], 0),
        ([text(), {"type": "image", "source": {"type": "url", "url": "u"}}], 1),
        ([text(), {"type": "document", "source": {}}], 1),
        ([text(), {"type": "search_result"}], 1),
        ([text(), {"type": "tool_use", "id": "t", "name": "f", "input": {}}], 1),
        ([text(), {"type": "klingon"}, {"text": "no type"}, text(7), 7, {}], 0),
        ([text("")], None),
        ([THOUGHT], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("name", ["system", "messages"])
def test_the_last_block_that_may_bear_a_mark(name: str, content: Any, position: int | None) -> None:
    said = content if name == "system" else [{"role": "user", "content": content}]
    found = of(**{name: said})[name]
    blocks = found if name == "system" else found[0]["content"]
    marks = [
        at for at, one in enumerate(blocks) if isinstance(one, dict) and MARK.items() <= one.items()
    ]
    assert marks == ([] if position is None else [position])


@pytest.mark.parametrize("said", ["", " \n", None, 7, {"type": "text"}])
def test_nothing_said_bears_no_mark(said: Any) -> None:
    body = {"system": said, "messages": [{"role": "user", "content": said}]}
    raw = json.dumps(body).encode()
    assert marked(raw) == (raw,)


def test_words_put_into_the_models_mouth_are_not_what_ends_a_turn() -> None:
    found = of(messages=[HI, answer(text("So"))])["messages"]
    assert found == [user(text("hi", **MARK)), answer(text("So"))]


def test_several_messages_of_the_users_are_one_turn() -> None:
    found = of(messages=[HI, HI, answer(), HI, {"role": "system", "content": "S"}, HI])["messages"]
    marks = [at for at, one in enumerate(found) if isinstance(one["content"], list)]
    assert marks == [1, 5]


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"messages":[7]}',
        b'{"messages":"hi"}',
        b'{"messages":[{"role":"user"}]}',
        b'{"system":"a","system":"b"}',
        b'{"messages":[{"role":"user","content":[%b%b]}]}' % (b"[" * 1000, b"]" * 1000),
        b'{"messages":[{"role":"user","content":[{"type":"text","text":%b%b}]}]}'
        % (b"[" * 1000, b"]" * 1000),
    ],
)
def test_what_cannot_be_understood_stays_as_it_is(raw: bytes) -> None:
    assert b"".join(marked(raw)) == raw


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ({"system": [text(**MARK)]}, True),
        (MARK, True),
        ({"messages": [{"role": "user", "content": [text(prompt_cache_breakpoint={})]}]}, True),
        ({"system": json.dumps(MARK)}, False),
        ({"system": "cache_control", "tools": ["cache_control"]}, False),
    ],
)
def test_marks_of_the_clients_own(body: dict[str, Any], own: bool) -> None:
    assert has_own_marks(json.dumps(body).encode()) is own
