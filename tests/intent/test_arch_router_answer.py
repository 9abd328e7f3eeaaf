"""Answers as models give them."""

from __future__ import annotations

import pytest

from extproc.intent import ClassificationError
from extproc.intent.arch_router_answer import read_answer

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
    assert read_answer(answer, KNOWN) == route


@pytest.mark.parametrize(
    "answer",
    [
        "code",
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
