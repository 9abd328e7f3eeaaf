"""Cases as people and programs write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extproc.config import ConfigError
from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.evaluation.cases import Case, CasesError, read_cases

ROUTES = (Route("code", "writing code", ("m",)), Route("law", "legal advice", ("m",)))


def read(path: Path, text: str) -> tuple[Case, ...]:
    path.write_text(text, encoding="utf-8")
    return read_cases(path, ROUTES)


def test_yaml(tmp_path: Path) -> None:
    cases = read(
        tmp_path / "cases.yaml",
        """
        - {prompt: Write quicksort, expect: code}
        - prompt: Hello
          expect: null
        - messages:
            - {role: system, content: Be brief}
            - {role: user, content: Draft a contract}
            - {role: assistant, content: [{type: text, text: Done}]}
            - {role: user, content: [{type: text, text: shorter}, {type: image_url, image_url: {}}]}
          expect: law
        """,
    )
    assert cases == (
        Case("[0]", (Turn("user", "Write quicksort"),), ROUTES, "code"),
        Case("[1]", (Turn("user", "Hello"),), ROUTES, None),
        Case(
            "[2]",
            (
                Turn("user", "Draft a contract"),
                Turn("assistant", "Done"),
                Turn("user", "shorter"),
            ),
            ROUTES,
            "law",
        ),
    )


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson"])
def test_json_lines_with_routes_of_their_own(tmp_path: Path, suffix: str) -> None:
    own = [
        {"name": "chess", "description": "openings"},
        {"name": "go", "description": "joseki", "examples": ["a"], "threshold": 0.5},
    ]
    user = {"role": "user", "content": "Sicilian?\u2028Yes"}
    lines = [
        {"messages": [user], "routes": own, "expected": "chess"},
        {"messages": [user], "routes": own, "expected": None},
        {"prompt": "Sue them", "expect": "law"},
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
    routes = (
        Route("chess", "openings", ()),
        Route("go", "joseki", (), examples=("a",), threshold=0.5),
    )
    said = (Turn("user", "Sicilian?\u2028Yes"),)
    assert read(tmp_path / f"cases{suffix}", text) == (
        Case("line 1", said, routes, "chess"),
        Case("line 2", said, routes, None),
        Case("line 3", (Turn("user", "Sue them"),), ROUTES, "law"),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no case"),
        ("[]", "holds no case"),
        ("cases: []", "must be a list of cases, each with a prompt and expect"),
        ("- {prompt: a\n", "is not valid YAML"),
        ("- Write quicksort", "[0]: must be a mapping"),
        ("- {expect: code}", "[0]: must have either a prompt or messages"),
        (
            "- {prompt: a, messages: [], expect: code}",
            "[0]: must have either a prompt or messages",
        ),
        ("- {prompt: ' ', expect: code}", "[0].prompt: must be a non-empty string"),
        ("- {prompt: 7, expect: code}", "[0].prompt: must be a non-empty string"),
        (
            "- {messages: [{role: system, content: a}], expect: code}",
            "[0].messages: must hold a user's message with text",
        ),
        ("- {messages: hello, expect: code}", "[0].messages: 'messages' must be an array"),
        ("- {messages: [hello], expect: code}", "[0].messages: messages[0] must be an object."),
        ("- {prompt: a}", "[0]: must say what to expect: the name of a route, or null"),
        ("- {prompt: a, expect: code, expected: law}", "[0]: must say what to expect"),
        ("- {prompt: a, expect: cod}", "[0].expect: is no route; did you mean 'code'?"),
        ("- {prompt: a, expect: zzz}", "[0].expect: is no route; known here: code, law"),
        ("- {prompt: a, expect: [code]}", "[0].expect: is no route; "),
        (
            "- {prompt: a, expect: code, mesages: []}",
            "[0].mesages: unknown key; did you mean 'messages'?",
        ),
        ("- {prompt: a, expect: null, routes: []}", "[0].routes: must be a non-empty list"),
        (
            "- {prompt: a, expect: null, routes: [{name: a}]}",
            "[0].routes[0].description: must be a non-empty string",
        ),
        (
            "- {prompt: a, expect: null, routes: [{name: a, description: b, models: [c]}]}",
            "[0].routes[0]: must be a mapping of name, description, examples, threshold",
        ),
        (
            "- {prompt: a, expect: null, routes: [{name: a, description: b, examples: [1]}]}",
            "[0].routes[0].examples: must be a list of strings",
        ),
        (
            "- {prompt: a, expect: null, routes: [{name: a, description: b, threshold: hi}]}",
            "[0].routes[0].threshold: must be a number from -1 to 1",
        ),
        (
            "- {prompt: a, expect: x, routes: [{name: a, description: b, threshold: 2}]}",
            "[0].routes[0].threshold: must be a number from -1 to 1",
        ),
    ],
)
def test_what_is_no_case(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(CasesError) as raised:
        read(tmp_path / "cases.yaml", text)
    (line,) = str(raised.value).splitlines()
    said = line.removeprefix(f"{tmp_path / 'cases.yaml'}: ")
    assert said.partition("line 2: ")[2].startswith(problem) or said.startswith(problem)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path / "c.jsonl", '{"prompt": 1, "expect": "x"}\nnot json\n{"prompt": "a"}')
    assert [problem.path for problem in raised.value.problems] == [
        *("line 1.prompt", "line 1.expect"),
        *("line 2", "line 3"),
    ]


def test_a_configuration_without_routes_needs_cases_with_routes(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- {prompt: a, expect: null}")
    with pytest.raises(CasesError, match="has no routes, and neither has the configuration"):
        read_cases(path, ())


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="cannot be read: No such file"):
        read_cases(tmp_path / "nowhere.yaml", ROUTES)
    (tmp_path / "latin.yaml").write_bytes(b"- {prompt: \xe9}")
    with pytest.raises(CasesError, match="is not UTF-8 text"):
        read_cases(tmp_path / "latin.yaml", ROUTES)


@pytest.mark.parametrize(
    "tools", ['["shell", "edit"]', '[{"name": "shell"}, {"function": {"name": "edit"}}]']
)
def test_tools_by_name_or_as_requests_have_them(tmp_path: Path, tools: str) -> None:
    line = f'{{"prompt": "fix it", "expect": "code", "tools": {tools}}}'
    (case,) = read(tmp_path / "cases.jsonl", line)
    assert case.tools == ("shell", "edit")


@pytest.mark.parametrize("tools", ['"shell"', "[7]", "{}"])
def test_tools_that_are_none(tmp_path: Path, tools: str) -> None:
    with pytest.raises(CasesError, match=r"line 1\.tools: must be a list of names"):
        read(tmp_path / "cases.jsonl", f'{{"prompt": "fix", "expect": "code", "tools": {tools}}}')


def test_a_route_that_takes_the_rest(tmp_path: Path) -> None:
    routes = '[{"name": "a", "description": "b", "fallback": true}]'
    line = f'{{"prompt": "hi", "expect": "a", "routes": {routes}}}'
    (case,) = read(tmp_path / "cases.jsonl", line)
    assert case.routes[0].fallback
    with pytest.raises(CasesError, match=r"routes\[0\]\.fallback: must be true or false"):
        read(tmp_path / "cases.jsonl", line.replace("true", '"yes"'))
