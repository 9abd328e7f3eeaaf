"""Custom tools of the responses dialect, carried as functions and back."""

from __future__ import annotations

import pytest
from openai.types.responses import Response

from extproc.dialects.translation.events import (
    Delta,
    Ended,
    PartEnded,
    PartKind,
    PartStarted,
    Started,
    Stopped,
)
from extproc.dialects.translation.form import Answer, Stop, Text, Tool, ToolCall, ToolResult
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.responses.custom_tools import PARAMETERS
from tests.dialects.translation.responses.responses_sdk import (
    accumulated,
    echo,
    events_of,
    told_by,
)
from tests.helpers.sdk_types import parsed

TOOL = {
    "type": "custom",
    "name": "run",
    "description": "Runs a script.",
    "format": {"type": "text"},
}
CALL = {"type": "custom_tool_call", "call_id": "c1", "name": "run", "input": 'say "ü"'}
OUTPUT = {"type": "custom_tool_call_output", "call_id": "c1", "output": "done"}
ARGUMENTS = '{"input":"say \\"ü\\""}'
ASKED = echo(tools=[TOOL], tool_choice={"type": "custom", "name": "run"})


def test_case_065_a_tool_of_any_text_is_a_function_of_one_string() -> None:
    asked = TRANSLATOR.read_request({"input": [CALL, OUTPUT], "tools": [TOOL]})
    assert asked.tools == (Tool("run", "Runs a script.", PARAMETERS, raw=TOOL),)
    assert [turn.parts for turn in asked.turns] == [
        (ToolCall("c1", "run", ARGUMENTS),),
        (ToolResult("c1", (Text("done"),)),),
    ]


@pytest.mark.parametrize("tools", [[], [{**TOOL, "format": {"type": "grammar"}}]])
def test_case_065_of_other_tools_calls_are_opaque(tools: list[object]) -> None:
    asked = TRANSLATOR.read_request({"input": [CALL, OUTPUT], "tools": tools})
    kinds = [part.kind for turn in asked.turns for part in turn.parts]  # type: ignore[union-attr]
    assert kinds == ["custom_tool_call", "custom_tool_call_output"]
    assert [tool.kind for tool in asked.tools] == ["custom"] * len(tools)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(ARGUMENTS, 'say "ü"'), ('{"input":"sa', '{"input":"sa'), ("[]", "[]"), ("", "")],
)
def test_case_065_its_call_is_a_custom_one_whole_and_streamed(arguments: str, text: str) -> None:
    answer = Answer("x", (ToolCall("c1", "run", arguments),), Stop.TOOLS)
    whole = parsed(Response, TRANSLATOR.write_answer(answer, ASKED))
    written = told_by(
        [
            Started("x"),
            PartStarted(0, PartKind.TOOL, "c1", "run"),
            *(Delta(0, piece) for piece in arguments),
            PartEnded(0),
            Stopped(Stop.TOOLS),
            Ended(),
        ],
        ASKED,
    )
    for response in (whole, accumulated(written)):
        (item,) = response.output
        assert (item.type, item.id, item.call_id) == ("custom_tool_call", "ctc_dragoman_x_0", "c1")
        assert (item.name, item.input) == ("run", text)
        assert response.tools[0].to_dict() == TOOL
        assert response.tool_choice.to_dict() == {"type": "custom", "name": "run"}
    assert [event["type"] for event in events_of(written)[2:6]] == [
        "response.output_item.added",
        "response.custom_tool_call_input.delta",
        "response.custom_tool_call_input.done",
        "response.output_item.done",
    ]
