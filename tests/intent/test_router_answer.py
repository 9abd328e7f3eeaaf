"""Answers as models give them."""

from __future__ import annotations

import pytest

from extproc.intent import ClassificationError
from extproc.intent.router_answer import read_answer

KNOWN = {"code", "bob's code", 'the "best"', "other", "a, b", "straße", "Mom's recipes"}


@pytest.mark.parametrize(
    ("answer", "route"),
    [
        ('{"route": "code"}', "code"),
        ('{"route":"code"}', "code"),
        ('{"route": " code "}', "code"),
        ("{'route': 'code'}", "code"),
        ("{'route': 'code'}\n", "code"),
        ("{'route': 'code'}\\n", "code"),
        ('{\\n  "route": "code"\\n}', "code"),
        ('```json\n{"route": "code"}\n```', "code"),
        ('```\n{"route": "code"}\n```', "code"),
        ("```json\\n{'route': 'code'}\\n```", "code"),
        ('The best route is {"route": "code"}.', "code"),
        ('{"route": "bob\'s code"}', "bob's code"),
        ("{'route': \"bob's code\"}", "bob's code"),
        ("{'route': 'bob\\'s code'}", "bob's code"),
        ("{'route': 'bob's code'}", "bob's code"),
        ('{"route": ["bob\'s code", "code"]}', "bob's code"),
        ("{'route': [\"Mom's recipes\"]}", "Mom's recipes"),
        ('{"route": "the \\"best\\""}', 'the "best"'),
        ('{"route": "a, b"}', "a, b"),
        ('{"route": "stra\\u00dfe"}', "straße"),
        ('{"route": ["code", "a, b"]}', "code"),
        ('{"route": ["nonsense", "a, b", "code"]}', "a, b"),
        ('{"route": ["", null, "code"]}', "code"),
        ('{"route": ["other", "code"]}', "code"),
        ("{'route': ['code']}\\n", "code"),
        ('{"route": "code", "confidence": 0.9}', "code"),
        ('{{"route": ["code"]}}', "code"),
        ("{{'route': 'code'}}", "code"),
        ('```json\n{{"route": ["code", "a, b"]}}\n```', "code"),
        ('{"route": "code"}\n{"route": "a, b"}', "code"),
        ("{'route': 'code'}\n{'route': 'code'}", "code"),
        ('{"route": ["code"]} {"route": []}', "code"),
        ('<think>{a, b} or code?</think>\n{"route": "code"}', "code"),
        ("code", "code"),
        (" `code`\n", "code"),
        ('"bob\'s code"', "bob's code"),
        ("```\ncode\n```", "code"),
        ('["nonsense", "code"]', "code"),
        ("```json\n['code']\n```", "code"),
        ('[{"route": "code"}]', "code"),
        ("[]", None),
        ("null", None),
        ("other", None),
        ('{"route": "other"}', None),
        ("{'route': 'other'}", None),
        ('{"route": ["other"]}', None),
        ('{"route": ""}', None),
        ('{"route": []}', None),
        ("{'route': []}", None),
        ('{"route": null}', None),
        ("{'route': null}", None),
        ("{'route': None}", None),
        ("{}", None),
        ('{"routes": "code"}', None),
        ('{"route": "nonsense"}', None),
        ('{"route": "Code"}', None),
        ('{"route": ["nonsense", "rubbish"]}', None),
        ("", None),
        (" \n", None),
    ],
)
def test_answer(answer: str, route: str | None) -> None:
    assert next(iter(read_answer(answer, KNOWN)), None) == route


@pytest.mark.parametrize(
    ("answer", "routes"),
    [
        ('{"route": ["code", "a, b"]}', ["code", "a, b"]),
        ('{"route": ["a, b", "nonsense", "code", "a, b"]}', ["a, b", "code"]),
        ("```json\n{'route': ['straße', 'other', 'code']}\n```", ["straße", "code"]),
        ('["code", "a, b"]', ["code", "a, b"]),
        ('{"route": "code"}', ["code"]),
        ('{"route": ["nonsense"]}', []),
    ],
)
def test_several_names_in_the_model_s_order(answer: str, routes: list[str]) -> None:
    assert read_answer(answer, KNOWN) == tuple(routes)


def test_names_that_begin_or_end_with_a_space() -> None:
    assert read_answer('{"route": "code"}', [" code "]) == (" code ",)


def test_a_route_called_other_is_never_meant() -> None:
    for answer in ('{"route": "other"}', '{"route": ["other"]}', "other"):
        assert read_answer(answer, ["other", "code"]) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "cod",
        "The best route is code.",
        "[code]",
        '{"reason": "none fits"} {"reason": "none"}',
        '{"route": "code"',
        '"route": "code"}',
        "}{",
        '{"route": 7}',
        '{"route": {"name": "code"}}',
        '{"route": ["code", 7]}',
        "{route: code}",
        "{" * 100,
        "{" + "[" * 3000 + "}",
        '{"route": "' + "x" * 5000 + '"}',
        "{'route': __import__('os')}",
    ],
)
def test_malformed_answer(answer: str) -> None:
    with pytest.raises(ClassificationError) as caught:
        read_answer(answer, KNOWN)
    assert caught.value.reason == "malformed"
