"""The same program with only the model's name changed: at the model of its own dialect and at those
of the others, on a real Envoy, with the real SDKs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import openai
import pytest

from extproc.core.models import Dialect
from extproc.demo.provider import Behaviour
from tests.helpers.house import House
from tests.helpers.performing import FOREIGN, NATIVE, Program
from tests.helpers.programs import (
    PDF,
    PICTURE,
    PICTURE_URL,
    TOOLS,
    Client,
    Forecast,
    Media,
    Result,
    Used,
)
from tests.helpers.realistic import (
    ADAPTIVE,
    CLAUDE,
    DEEPSEEK,
    GPT,
    MISTRAL,
    RESPONDING,
)

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
END = {CHAT: "stop", MESSAGES: "end_turn", RESPONSES: "completed"}
CALLS = {CHAT: "tool_calls", MESSAGES: "tool_use", RESPONSES: "completed"}
LENGTH = {CHAT: "length", MESSAGES: "max_tokens", RESPONSES: "max_output_tokens"}


@pytest.fixture
def program(
    request: pytest.FixtureRequest, realistic: House, sdks: Mapping[Dialect, Client]
) -> Program:
    dialect, model, streamed = request.param
    return Program(realistic, sdks[dialect], model, streamed)


def at(
    *dialects: Dialect, pairs: Sequence[tuple[Dialect, str]] | None = None
) -> pytest.MarkDecorator:
    """A program for clients of some dialects: at their own model, and at all that are foreign; or
    in the pairs of dialect and model that are named. Whole and streamed."""
    chosen = pairs or [
        (dialect, model)
        for dialect in dialects or Dialect
        for model in (NATIVE[dialect], *FOREIGN[dialect])
    ]
    rows = [
        pytest.param(
            (dialect, model, streamed),
            id=f"{dialect}-{model.rpartition('/')[2]}-{'streamed' if streamed else 'whole'}",
        )
        for dialect, model in chosen
        for streamed in (False, True)
    ]
    return pytest.mark.parametrize("program", rows, indirect=True)


@at()
async def test_plain_text(program: Program) -> None:
    said = await program.ask(program.user("hi"))
    assert said.text == f"Hello from {program.model}"
    assert said.stop == END[program.client.dialect]
    assert not said.calls
    assert not said.reasoning
    assert not said.lost


@at()
async def test_a_system_prompt(program: Program) -> None:
    said = await program.ask(program.user("hi"), system="Speak like a pirate.")
    assert said.text == f"Hello from {program.model}"
    assert program.received.body.count(b"Speak like a pirate.") == 1
    assert not said.lost


@at()
async def test_a_structured_answer(program: Program) -> None:
    said = await program.ask(
        program.user("Tell me."), schema=Forecast, behaviour=Behaviour(structured=True)
    )
    assert said.parsed == Forecast(city="city", days=1)
    assert not said.lost


@at()
async def test_three_turns_of_tools(program: Program) -> None:
    """Two calls at once, then one after what was said beside it, then the answer."""
    asked = program.user("What is the weather, and when?")
    both = Behaviour(calls=(("weather", '{"city": "Oslo"}'), ("now", "{}")))
    first = await program.ask(asked, tools=TOOLS, behaviour=both)
    assert first.called == [("weather", {"city": "Oslo"}), ("now", {})]
    assert first.stop == CALLS[program.client.dialect]
    told = program.results(first, Result("rain"), Result("noon"))
    one = Behaviour(text="Once more.", calls=(("weather", '{"city": "Kyōto"}'),))
    second = await program.ask(asked, first.turn, told, tools=TOOLS, behaviour=one)
    assert second.text == "Once more."
    assert second.called == [("weather", {"city": "Kyōto"})]
    assert not set(first.calls) & set(second.calls)
    again = program.results(second, Result("sun"))
    last = await program.ask(
        asked, first.turn, told, second.turn, again, tools=TOOLS, behaviour=Behaviour(tools="auto")
    )
    assert last.text == "The tools say: sun"
    assert last.stop == END[program.client.dialect]
    assert not [loss for said in (first, second, last) for loss in said.lost]


@at(MESSAGES, RESPONSES)
async def test_a_tool_that_gives_a_picture(program: Program) -> None:
    asked = program.user("Show me.")
    call = Behaviour(calls=(("weather", '{"city": "Oslo"}'), ("now", "{}")))
    first = await program.ask(asked, tools=TOOLS, behaviour=call)
    told = program.results(first, Result("like this", picture=True), Result("noon"))
    last = await program.ask(
        asked, first.turn, told, tools=TOOLS, behaviour=Behaviour(text="I see.")
    )
    assert last.text == "I see."
    assert PICTURE.encode() in program.received.body
    assert not last.lost


@at(MESSAGES)
async def test_a_tool_that_fails(program: Program) -> None:
    asked = program.user("What is the weather?")
    call = Behaviour(calls=(("weather", '{"city": "Oslo"}'),))
    first = await program.ask(asked, tools=TOOLS, behaviour=call)
    told = program.results(first, Result("no such city", failed=True))
    last = await program.ask(asked, first.turn, told, tools=TOOLS)
    assert last.text == f"Hello from {program.model}"
    assert b"no such city" in program.received.body
    assert b"rror" in program.received.body


@at()
@pytest.mark.parametrize(
    ("media", "carried"),
    [(Media.PICTURE, PICTURE), (Media.PICTURE_URL, PICTURE_URL), (Media.PDF, PDF)],
    ids=["picture", "url", "pdf"],
)
async def test_media(program: Program, media: Media, carried: str) -> None:
    said = await program.ask(program.user("What is this?", media, "Be brief."))
    assert said.text == f"Hello from {program.model}"
    body = program.received.body.decode()
    assert body.index("What is this?") < body.index(carried) < body.index("Be brief.")
    assert not [loss for loss in said.lost if "detail" not in loss]


@at()
async def test_an_answer_that_is_cut_short(program: Program) -> None:
    asking = program.ask(
        program.user("hi"), limit=20, behaviour=Behaviour(text="and so", stop="length")
    )
    if program.client.dialect is CHAT and program.streamed:
        with pytest.raises(openai.LengthFinishReasonError):  # is how the SDK's helper tells it
            await asking
    else:
        said = await asking
        assert said.text == "and so"
        assert said.stop == LENGTH[program.client.dialect]


@at(CHAT, MESSAGES)
async def test_a_stop_sequence(program: Program) -> None:
    said = await program.ask(
        program.user("hi"), stop="END", behaviour=Behaviour(text="so", stop="stop_sequence")
    )
    assert said.text == "so"
    # OpenAI's reasoning models take none, and its dialects do not say which one was met.
    assert said.lost == (["dropped:stop"] if program.model == RESPONDING else [])
    met = "stop_sequence" if program.native else "end_turn"
    assert said.stop == (met if program.client.dialect is MESSAGES else "stop")


@at()
async def test_a_refusal(program: Program) -> None:
    asking = program.ask(program.user("hi"), behaviour=Behaviour(refusal="I must not."))
    by_a_filter = not program.native and program.model != RESPONDING
    if program.client.dialect is CHAT and program.streamed and by_a_filter:
        # Claude's is told as a filter's doing, which the SDK's helper raises.
        with pytest.raises(openai.ContentFilterFinishReasonError):
            await asking
    else:
        said = await asking
        assert said.refusal == "I must not."
        # Claude refuses in no text; whoever reads Claude's text is told all the same.
        shown = program.client.dialect is MESSAGES and not program.native
        assert said.text == ("I must not." if shown else "")


@at()
async def test_usage(program: Program) -> None:
    behaviour = Behaviour(input_tokens=100, output_tokens=50, cached_tokens=60, reasoning_tokens=20)
    said = await program.ask(program.user("hi"), behaviour=behaviour)
    assert said.used == Used(input=100, output=50, cached=60, reasoning=20)


@at()
async def test_a_users_name(program: Program) -> None:
    said = await program.ask(program.user("hi"), user="user-17")
    assert said.text == f"Hello from {program.model}"


@at(CHAT)
async def test_a_temperature(program: Program) -> None:
    """Models that reason, and Claude from 4.7 on, refuse it: it is left out for them and told."""
    said = await program.ask(program.user("hi"), more={"temperature": 0.2})
    refused = program.model in (ADAPTIVE, RESPONDING)
    assert said.lost == (["dropped:temperature"] if refused else [])
    assert ("temperature" in program.received.json) is not refused


THINKERS = (
    *((CHAT, model) for model in (DEEPSEEK, CLAUDE, ADAPTIVE, RESPONDING)),
    *((MESSAGES, model) for model in (CLAUDE, DEEPSEEK, RESPONDING, GPT)),
    *((RESPONSES, model) for model in (RESPONDING, CLAUDE, ADAPTIVE, DEEPSEEK)),
)


@at(pairs=THINKERS)
async def test_reasoning_and_its_way_back(program: Program) -> None:
    """What the model thought comes with its calls, and goes back with their results."""
    asked = program.user("What is the weather?")
    thinking = Behaviour(
        reasoning="Let me think.", calls=(("weather", '{"city": "Oslo"}'),), reasoning_tokens=3
    )
    wants: dict[str, Any] = {"tools": TOOLS, "effort": "high", "limit": 3000}
    first = await program.ask(asked, behaviour=thinking, **wants)
    assert first.called == [("weather", {"city": "Oslo"})]
    # What OpenAI's models thought is told to nobody that does not ask for a summary, which only
    # responses can; newer Claudes show theirs on demand, too.
    shown = program.model in (CLAUDE, DEEPSEEK) or program.client.dialect is RESPONSES
    assert first.reasoning == ("Let me think." if shown else "")
    assert first.used.reasoning == 3
    told = program.results(first, Result("rain"))
    last = await program.ask(asked, first.turn, told, behaviour=Behaviour(tools="auto"), **wants)
    assert last.text == "The tools say: rain"


SWITCHES = (
    (CHAT, (CLAUDE, GPT, CLAUDE)),
    (CHAT, (GPT, ADAPTIVE, RESPONDING)),
    (CHAT, (DEEPSEEK, CLAUDE, GPT)),
    (MESSAGES, (CLAUDE, GPT, CLAUDE)),
    (MESSAGES, (CLAUDE, RESPONDING, CLAUDE)),
    (MESSAGES, (DEEPSEEK, CLAUDE, MISTRAL)),
    (RESPONSES, (RESPONDING, CLAUDE, RESPONDING)),
    (RESPONSES, (CLAUDE, RESPONDING, CLAUDE)),
    (RESPONSES, (DEEPSEEK, RESPONDING, ADAPTIVE)),
)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("dialect", "models"),
    SWITCHES,
    ids=["-".join([d, *(m.rpartition("/")[2] for m in models)]) for d, models in SWITCHES],
)
async def test_a_conversation_that_switches_models(
    realistic: House,
    sdks: Mapping[Dialect, Client],
    dialect: Dialect,
    models: tuple[str, ...],
    streamed: bool,
) -> None:
    """Each model gets all that was said, thought and called at the others'."""
    history: list[Any] = []
    behaviour = Behaviour(
        reasoning="Let me think.", text="I look.", calls=(("weather", '{"city": "Oslo"}'),)
    )
    for turn, model in enumerate(models):
        program = Program(realistic, sdks[dialect], model, streamed)
        asked = program.user(f"Question {turn}")
        effort = None if model in (GPT, MISTRAL) else "high"
        wants: dict[str, Any] = {"tools": TOOLS, "effort": effort, "limit": 3000}
        first = await program.ask(history, asked, behaviour=behaviour, **wants)
        assert first.text == "I look."
        told = program.results(first, Result(f"rain {turn}"))
        history += [*asked, *first.turn, *told]
        last = await program.ask(history, behaviour=Behaviour(tools="auto"), **wants)
        assert last.text == f"The tools say: rain {turn}"
        history += last.turn
    body = program.received.body.decode()
    assert all(body.count(f"Question {turn}") == 1 for turn in range(len(models)))
