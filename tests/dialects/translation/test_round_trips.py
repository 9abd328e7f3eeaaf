"""Round trips of requests: what two dialects can both say survives the way there and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extproc.core.models import Dialect
from extproc.dialects.translation.form import (
    Choice,
    ChoiceMode,
    Document,
    Image,
    Part,
    Request,
    Source,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Target
from tests.dialects.translation.pairs import PROVIDERS, C, M, R

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1)
_NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)
_SCHEMAS = st.sampled_from(
    [
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    ]
)
_IMAGES = st.sampled_from(
    [
        Image(Source(url="https://h/a.png")),
        Image(Source(data="QUI=", media_type="image/png")),
        Image(Source(data="QUI=", media_type="image/webp")),
    ]
)
_DOCUMENTS = st.sampled_from(
    [Document(Source(data="QUI=", media_type="application/pdf"), title="a.pdf")]
)
_SAID = st.lists(st.one_of(_WORDS.map(Text), _IMAGES, _DOCUMENTS), min_size=1, max_size=3)
_TOOLS = st.lists(
    st.builds(Tool, _NAMES, st.none() | _WORDS, _SCHEMAS), max_size=3, unique_by=lambda t: t.name
)
_ARGUMENTS = st.dictionaries(_WORDS, st.none() | st.booleans() | st.integers(-9, 9) | _WORDS)
_COIN: st.SearchStrategy[bool] = st.booleans()
_SAMPLING = st.none() | st.floats(0, 1).filter(lambda value: value != 1)


@st.composite
def _turns(draw: st.DrawFn) -> tuple[Turn, ...]:
    """A user speaks, then any number of: the assistant speaks or calls, the user answers."""
    turns = [Turn("user", tuple(draw(_SAID)), "")]
    for number in range(draw(st.integers(0, 3))):
        calls = [
            ToolCall(f"call_{number}_{n}", draw(_NAMES), orjson.dumps(draw(_ARGUMENTS)).decode())
            for n in range(draw(st.integers(0, 2)))
        ]
        silent: bool = draw(_COIN)
        words: list[Part] = [] if calls and silent else [Text(draw(_WORDS))]
        turns.append(Turn("assistant", (*words, *calls), ""))
        results = [ToolResult(call.id, (Text(draw(_WORDS)),)) for call in calls]
        silent = draw(_COIN)
        said = [] if results and silent else draw(_SAID)
        turns.append(Turn("user", (*results, *said), ""))
    return tuple(turns)


@st.composite
def _requests(draw: st.DrawFn) -> Request:
    tools = tuple(draw(_TOOLS))
    modes = [ChoiceMode.AUTO, ChoiceMode.REQUIRED, ChoiceMode.NONE]
    choices = [None, *map(Choice, modes), *(Choice(ChoiceMode.NAMED, t.name) for t in tools)]
    temperature = draw(_SAMPLING)
    return Request(
        dialect=C,
        model="m",
        turns=draw(_turns()),
        system=tuple(map(Text, draw(st.lists(_WORDS, max_size=2)))),
        tools=tools,
        choice=draw(st.sampled_from(choices)) if tools else None,
        parallel_tools=draw(st.sampled_from([None, False])) if tools else None,
        max_tokens=draw(st.integers(16, 9999)),
        temperature=temperature,
        top_p=None if temperature is not None else draw(_SAMPLING),
        streamed=draw(st.booleans()),
    )


def _over(request: Request, dialect: Dialect) -> Request:
    """The request written in a dialect, and read again; nothing of it may be lost."""
    written = TRANSLATORS[dialect].write_request(request, Target("m", PROVIDERS[dialect]))
    assert written.losses == ()
    return TRANSLATORS[dialect].read_request(orjson.loads(written.body))


def _calls(call: ToolCall) -> ToolCall:
    return replace(call, arguments=orjson.dumps(orjson.loads(call.arguments or "{}")).decode())


def _essence(request: Request) -> Any:
    """What the request says, however a dialect cuts it into turns."""
    said: list[tuple[str, Part]] = []
    for turn in request.turns:
        parts = [_calls(part) if isinstance(part, ToolCall) else part for part in turn.parts]
        said.extend((turn.role, part) for part in parts)
    tools = [replace(tool, strict=tool.strict or None) for tool in request.tools]
    choice = request.choice
    if choice == Choice(ChoiceMode.AUTO):
        choice = None
    return (
        "\n\n".join(text.text for text in request.system),
        said,
        tools,
        choice,
        request.parallel_tools is False and choice != Choice(ChoiceMode.NONE),
        request.max_tokens,
        request.temperature,
        request.top_p,
        request.streamed,
    )


@pytest.mark.parametrize(
    ("client", "provider"),
    [(one, other) for one in (C, M, R) for other in (C, M, R) if one is not other],
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=_requests())
def test_there_and_back(client: Dialect, provider: Dialect, request: Request) -> None:
    asked = _over(request, client)
    there = _over(asked, provider)
    back = _over(there, client)
    assert _essence(there) == _essence(asked)
    assert _essence(back) == _essence(asked)
