"""Tools in namespaces, carried as functions and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from openai.types.responses import Response

from extproc.core.models import Dialect
from extproc.dialects.translation.events import (
    Delta,
    Ended,
    PartEnded,
    PartKind,
    PartStarted,
    Started,
    Stopped,
)
from extproc.dialects.translation.form import (
    Answer,
    Choice,
    ChoiceMode,
    Member,
    Stop,
    Tool,
    ToolCall,
)
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.responses.custom_tools import PARAMETERS
from extproc.errors import ClientError
from tests.dialects.translation.pairs import C, M, R, ask, obstacles, request
from tests.dialects.translation.responses.responses_sdk import (
    accumulated,
    echo,
    events_of,
    told_by,
)
from tests.helpers.sdk_types import parsed

SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
FIND = {"type": "function", "name": "find", "description": "Finds.", "parameters": SCHEMA}
NOTE = {"type": "custom", "name": "note"}
CRM: dict[str, Any] = {
    "type": "namespace",
    "name": "crm",
    "description": "Customers.",
    "tools": [FIND, NOTE],
}
PLAIN = {"type": "function", "name": "look", "parameters": SCHEMA}


def read(**members: Any) -> Any:
    return TRANSLATOR.read_request({"input": "hi", **members})


def test_case_065_tools_of_a_namespace_are_functions_of_longer_names() -> None:
    asked = read(tools=[CRM, PLAIN])
    assert asked.tools == (
        Tool(
            "crm__find",
            "Customers.\n\nFinds.",
            SCHEMA,
            member=Member("crm", "find", CRM),
            path="tools[0].tools[0]",
        ),
        Tool(
            "crm__note",
            None,
            PARAMETERS,
            raw=NOTE,
            member=Member("crm", "note", CRM),
            path="tools[0].tools[1]",
        ),
        Tool("look", None, SCHEMA, path="tools[1]"),
    )


@pytest.mark.parametrize(
    "tools",
    [
        [CRM, {**PLAIN, "name": "crm__find"}],
        [CRM, CRM],
        [{**CRM, "tools": [FIND, FIND]}],
    ],
)
def test_case_065_two_tools_of_one_name_leave_the_namespace_a_skip(tools: list[Any]) -> None:
    for provider in (C, M):
        assert obstacles(R, provider, ask(R, tools=tools)) == ["skipped:namespace"]


def test_case_065_what_is_no_function_in_a_namespace_is_skipped_at_its_place() -> None:
    other = {**NOTE, "format": {"type": "other"}}
    asked = read(tools=[PLAIN, {**CRM, "tools": [FIND, other]}])
    assert [(tool.name, tool.kind, tool.path) for tool in asked.tools[1:]] == [
        ("crm__find", None, "tools[1].tools[0]"),
        ("crm__note", "custom", "tools[1].tools[1]"),
    ]
    assert read(tools=[{**CRM, "tools": []}]).tools == ()
    with pytest.raises(ClientError, match=r"tools\[0\].tools\[0\]"):
        read(tools=[{**CRM, "tools": ["find"]}])


@pytest.mark.parametrize("provider", [C, M])
def test_tools_that_the_input_adds_are_tools_as_any(provider: Dialect) -> None:
    added = {"type": "additional_tools", "role": "developer", "tools": [CRM, PLAIN]}
    said = {"role": "user", "content": "hi"}
    asked = read(input=[added, {"role": "developer", "content": "Be kind."}, said])
    assert [(tool.name, tool.path) for tool in asked.tools] == [
        ("crm__find", "input[0].tools[0].tools[0]"),
        ("crm__note", "input[0].tools[0].tools[1]"),
        ("look", "input[0].tools[1]"),
    ]
    assert [text.text for text in asked.system] == ["Be kind."]
    sent = request(R, provider, ask(R, input=[said, added]))
    assert sent.losses == ()
    assert len(sent.body["tools"]) == 3
    with pytest.raises(ClientError, match=r"input\[0\].tools"):
        read(input=[{**added, "tools": "all"}])


@pytest.mark.parametrize(("provider", "longest"), [(C, 64), (M, 128)])
def test_case_065_names_that_are_too_long_are_shortened(provider: Dialect, longest: int) -> None:
    long = {**CRM, "name": "c" * 130}
    sent = request(R, provider, ask(R, tools=[long]))
    assert sent.losses == ()
    ((short, name), *_) = sent.echo.tool_names.items()
    assert (len(short), name) == (longest, f"{'c' * 130}__find")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"type": "function", "name": "find"}, "crm__find"),
        ({"type": "function", "name": "find", "namespace": "crm"}, "crm__find"),
        ({"type": "custom", "name": "note"}, "crm__note"),
        ({"type": "function", "name": "look"}, "look"),
        ({"type": "function", "name": "nobody"}, "nobody"),
    ],
)
def test_case_065_a_tool_is_chosen_by_its_own_name(given: dict[str, str], name: str) -> None:
    asked = read(tools=[CRM, PLAIN], tool_choice=given)
    assert asked.choice == Choice(ChoiceMode.NAMED, name)


def test_case_065_a_whole_namespace_may_be_allowed() -> None:
    allowed = [{"type": "namespace", "name": "crm"}, {"type": "function", "name": "look"}]
    choice = {"type": "allowed_tools", "mode": "auto", "tools": allowed}
    asked = read(tools=[CRM, PLAIN], tool_choice=choice)
    assert asked.choice.allowed == ("crm__find", "crm__note", "look")


def test_case_065_history_and_answers_agree_on_the_names() -> None:
    called = {"call_id": "c1", "namespace": "crm"}
    items = [
        {**called, "type": "function_call", "name": "find", "arguments": "{}"},
        {**called, "type": "custom_tool_call", "call_id": "c2", "name": "note", "input": "a"},
    ]
    asked = read(input=items, tools=[CRM])
    assert [turn.parts for turn in asked.turns] == [
        (ToolCall("c1", "crm__find", "{}"),),
        (ToolCall("c2", "crm__note", '{"input":"a"}'),),
    ]


@pytest.mark.parametrize(
    ("called", "kind", "name"),
    [
        ("crm__find", "function_call", "find"),
        ("short_1", "function_call", "find"),
        ("crm__note", "custom_tool_call", "note"),
    ],
)
def test_case_065_a_call_is_told_with_its_namespace(called: str, kind: str, name: str) -> None:
    chosen = {"type": "function", "name": "find"}
    asked = echo(tools=[CRM, PLAIN], tool_choice=chosen)
    asked = replace(asked, tool_names={"short_1": "crm__find"})
    answer = Answer("x", (ToolCall("c1", called, "{}"),), Stop.TOOLS)
    whole = parsed(Response, TRANSLATOR.write_answer(answer, asked))
    written = told_by(
        [
            Started("x"),
            PartStarted(0, PartKind.TOOL, "c1", called),
            Delta(0, "{}"),
            PartEnded(0),
            Stopped(Stop.TOOLS),
            Ended(),
        ],
        asked,
    )
    added = next(event["item"] for event in events_of(written) if "item" in event)
    for item in (whole.output[0].to_dict(), accumulated(written).output[0].to_dict(), added):
        assert (item["type"], item["namespace"], item["name"]) == (kind, "crm", name)
    for response in (whole, accumulated(written)):
        assert response.tools[0].to_dict() == CRM
        assert len(response.tools) == 2
        assert response.tool_choice.to_dict() == chosen
