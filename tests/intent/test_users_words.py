"""Whose words count: the person's, inside whatever an agent sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from extproc.config import load
from extproc.core.conversation import Conversation, Turn
from extproc.core.models import Dialect
from extproc.core.routes import Route
from extproc.dialects.table import DIALECTS
from extproc.intent.agent_marks import CONTEXT_TAGS
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.users_words import takes_long, users_words

HERE = Path(__file__).parent
AGENTS = HERE / "agents"
PROMPTS: list[str] = yaml.safe_load((AGENTS / "prompts.yaml").read_text())
NOT_TOOLS = {"prompts", "routes"}


def requests() -> Iterator[tuple[str, Dialect, Any]]:
    """Every request of every tool: its name, its dialect and its body, with PROMPT in it."""
    for path in sorted(AGENTS.glob("*.yaml")):
        if path.stem in NOT_TOOLS:
            continue
        tool = yaml.safe_load(path.read_text())
        for name, body in tool["requests"].items():
            yield f"{path.stem}-{name}", Dialect(tool["dialect"]), body


REQUESTS = {name: (dialect, body) for name, dialect, body in requests()}


def filled(value: Any, prompt: str) -> Any:
    """The body with a prompt in place of PROMPT."""
    if isinstance(value, dict):
        return {key: filled(item, prompt) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, prompt) for item in value]
    if value == '"PROMPT"':  # as opencode quotes its command line
        return '"' + prompt.replace('"', '\\"') + '"'
    return value.replace("PROMPT", prompt) if isinstance(value, str) else value


def wrapped(request: str, prompt: str) -> Conversation:
    """The conversation that is read off a tool's request."""
    dialect, body = REQUESTS[request]
    return DIALECTS[dialect].conversation(filled(body, prompt))


def said(text: str) -> list[str]:
    """The person's words in one turn."""
    return [turn.text for turn in users_words((Turn("user", text),))]


def quickstart_routes() -> tuple[Route, ...]:
    path = HERE.parents[1] / "config" / "quickstart.yaml"
    environment = {"OPENAI_API_KEY": "-", "ANTHROPIC_API_KEY": "-"}
    return load(path, environment).config.routes


def agent_routes() -> tuple[Route, ...]:
    entries = yaml.safe_load((AGENTS / "routes.yaml").read_text())
    return tuple(Route(models=("p/m",), **entry) for entry in entries)


@pytest.fixture(scope="module")
def classifier() -> EmbeddedClassifier:
    return EmbeddedClassifier()


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("prompt", PROMPTS)
def test_only_the_prompt_is_left_of_a_tool_s_request(request_name: str, prompt: str) -> None:
    assert users_words(wrapped(request_name, prompt)) == (Turn("user", prompt),)


@pytest.mark.parametrize("routes", [agent_routes(), quickstart_routes()], ids=["agents", "quick"])
@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_prompt_takes_the_same_route_inside_a_tool_s_request(
    classifier: EmbeddedClassifier, request_name: str, routes: tuple[Route, ...]
) -> None:
    differing = [
        prompt
        for prompt in PROMPTS
        if classifier.decide(users_words(wrapped(request_name, prompt)), routes)
        != classifier.decide((Turn("user", prompt),), routes)
    ]
    assert differing == []


def test_the_prompts_take_more_than_one_route(classifier: EmbeddedClassifier) -> None:
    bare = {classifier.decide((Turn("user", prompt),), agent_routes()).route for prompt in PROMPTS}
    assert len(bare) >= 4


def test_without_this_reading_the_tools_change_routes(classifier: EmbeddedClassifier) -> None:
    """Else the tests above would prove nothing."""
    routes = agent_routes()
    bare = {prompt: classifier.decide((Turn("user", prompt),), routes).route for prompt in PROMPTS}
    changed = [
        (name, prompt)
        for name in ("claude_code-first", "aider-first", "cline-first", "cursor-first")
        for prompt in PROMPTS
        if classifier.decide(wrapped(name, prompt), routes).route != bare[prompt]
    ]
    assert len(changed) > len(PROMPTS)


@pytest.mark.parametrize("tag", sorted(CONTEXT_TAGS))
def test_every_block_is_left_out_and_what_stands_around_it_is_not(tag: str) -> None:
    block = f"<{tag}>\nof the agent\n</{tag}>"
    assert said(f"{block}\nfix it\n{block}") == ["fix it"]
    assert said(f'before <{tag} id="1">of the agent</{tag}> after') == ["before  after"]


@pytest.mark.parametrize(
    "text",
    [
        "what does <system-reminder> mean?",
        "what does </system-reminder> mean?",
        "why is `<system-reminder>hello</system-reminder>` in my logs?",
        "why this?\n```xml\n<system-reminder>hello</system-reminder>\n```",
        "why this?\n~~~\n<environment_details>\n</environment_details>\n~~~\nplease",
        "why this?\n````\n```\n<system-reminder>x</system-reminder>\n```\n````",
        "<system-reminders>two</system-reminders>",
        "<b>bold</b> and <answer> and </task>",
        'say "hello" and "good bye"',
        "# Context from my IDE setup: what is that?",
        "[tests] Result: all green",
        "",
    ],
)
def test_a_person_s_own_text_stays(text: str) -> None:
    assert said(text) == ([text] if text else [])


def test_an_unclosed_tag_takes_no_words_with_it() -> None:
    assert said("<system-reminder>\nbe brief\n\nfix the login test") == [
        "<system-reminder>\nbe brief\n\nfix the login test"
    ]


def test_a_block_behind_a_tag_that_is_only_mentioned_takes_no_words_with_it() -> None:
    text = "why does <system-reminder> show up?\n<system-reminder>be brief</system-reminder>"
    assert said(text) == ["why does <system-reminder> show up?"]


def test_blocks_in_one_another_go_together() -> None:
    inner = "<system-reminder>b</system-reminder>"
    text = f"<system-reminder>a{inner}<ide_selection>c</ide_selection>d</system-reminder>fix it"
    assert said(text) == ["fix it"]


def test_a_fence_that_is_never_closed_hides_no_block() -> None:
    assert said("run this:\n```\nmake\n<environment_details>x</environment_details>") == [
        "run this:\n```\nmake"
    ]


def test_a_tool_s_answer_is_nobody_s_words_but_what_the_person_adds_is() -> None:
    result = "[execute_command for 'make'] Result:\nall <answer> is lost"
    assert said(result) == []
    assert said(f"{result}\n<feedback>\nuse pytest instead\n</feedback>") == ["use pytest instead"]


def test_a_turn_without_words_keeps_the_words_of_the_last_that_had_some() -> None:
    asked = (Turn("user", "one"), Turn("assistant", "done"), Turn("user", "two"))
    working = (
        *asked,
        Turn("assistant", "let me see"),
        Turn("user", "<system-reminder>x</system-reminder>"),
        Turn("assistant", "now the next file"),
    )
    assert users_words(working) == asked


def test_what_was_answered_between_two_requests_is_kept() -> None:
    conversation = (
        Turn("user", "one"),
        Turn("assistant", "let me see"),
        Turn("user", "<system-reminder>x</system-reminder>"),
        Turn("assistant", "it is done"),
        Turn("user", "two"),
    )
    texts = [turn.text for turn in users_words(conversation)]
    assert texts == ["one", "let me see", "it is done", "two"]


def test_a_conversation_without_agents_is_left_as_it_is() -> None:
    conversation = (Turn("assistant", "hello"), Turn("user", " a < b, `c` > d \n"))
    assert users_words(conversation) == conversation
    assert users_words(()) == ()
    assert users_words((Turn("assistant", "hello"),)) == ()


MANY = 1_000_000
HOSTILE = {
    "openings": "<system-reminder>" * MANY,
    "closings": "</system-reminder>" * MANY,
    "two kinds": "<system-reminder><task>" * (MANY // 2) + "</task>" * MANY,
    "one is closed": "<system-reminder>" * MANY + "</system-reminder>",
    "never ending tag": "<system-reminder " * MANY,
    "angles": "<" * MANY,
    "fences": "```x\n" * MANY + "~~~\n" * MANY,
    "ticks": "`" * MANY + "a`\n" * MANY,
    "frames": "<task>" * MANY + "</task>" * MANY,
    "pairs": "<task></task>" * MANY,
    "queries": "<user_query></user_query>" * MANY,
    "result": "[read_file for '" + "'" * MANY,
    "lines": "# AGENTS.md instructions\n" * MANY + "</INSTRUCTIONS>",
    "line ends": "# AGENTS.md instructions\n</INSTRUCTIONS>\n" * MANY,
    "quotes": '"' + "\\" * MANY,
}


def test_a_hostile_tool_result() -> None:
    assert said("[read_file] Result:" + "<feedback>" * MANY) == []
    assert said("[" + "a_" * 30_000 + "a") == ["[" + "a_" * 30_000 + "a"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text(text: str) -> None:
    """Reading it is linear: were it not, no test run would live to see its end."""
    words = said(f"{text}\nfix the login test")
    assert words[-1].endswith("fix the login test")


def test_of_a_long_turn_the_ends_are_read() -> None:
    (words,) = said(f"Fix this: {'x ' * MANY} It is the login.")
    assert words.startswith("Fix this: x x")
    assert words.endswith("x x  It is the login.")
    assert len(words) == 64 * 1024 + 1


def test_of_a_long_conversation_the_latest_turns_are_read() -> None:
    talk = [Turn(role, f"{number}") for number in range(5000) for role in ("user", "assistant")]
    words = users_words((*talk, Turn("user", "the last")))
    assert len(words) == 1000
    assert words[-2:] == (Turn("assistant", "4999"), Turn("user", "the last"))
    long = [Turn("user", f"{number} {'x' * 100_000}") for number in range(100)]
    assert [turn.text[:3] for turn in users_words(tuple(long))] == ["96 ", "97 ", "98 ", "99 "]


def test_what_the_user_said_last_is_read_however_much_the_model_has_said_since() -> None:
    answers = [Turn("assistant", "x" * 100_000)] * 2000
    assert users_words((Turn("user", "hello"), *answers)) == (Turn("user", "hello"),)


@pytest.mark.parametrize(
    ("sizes", "long"), [((), False), ((16_384,), False), ((16_385,), True), ((8_000,) * 3, True)]
)
def test_what_takes_long(sizes: tuple[int, ...], long: bool) -> None:
    assert takes_long(tuple(Turn("user", "x" * size) for size in sizes)) is long


def test_the_fixtures_are_bodies_that_clients_send() -> None:
    for dialect, body in REQUESTS.values():
        assert "PROMPT" in json.dumps(body)
        assert DIALECTS[dialect].conversation(body)
