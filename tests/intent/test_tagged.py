"""What stands between tags, as agents write them."""

from __future__ import annotations

import pytest

from extproc.intent.tagged import Span, spans

NAMES = {"a", "b c"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("<a>x</a>", ["<a>x</a>"]),
        ("<a href='1'>x</a >", ["<a href='1'>x</a >"]),
        ("<b c>x</b c>", ["<b c>x</b c>"]),
        ("<a>x</a><a>y</a>", ["<a>x</a>", "<a>y</a>"]),
        ("<a>x<a>y</a></a>", ["<a>x<a>y</a></a>"]),
        ("<a>x<b c>y</a></b c>", ["<a>x<b c>y</a>"]),
        ("<a>x<a>y</a>", ["<a>y</a>"]),
        ("</a><a>", []),
        ("<ab>x</ab>", []),
        ("<A>x</A>", []),
        ("`<a>`x</a>", []),
        ("```\n<a>x</a>\n```", []),
        ("```\n<a>x</a>", ["<a>x</a>"]),
        ("```\n<a>x</a>\n~~~", ["<a>x</a>"]),
        ("```\n<a>x</a>\n``` not the end", ["<a>x</a>"]),
        ("<a>\n```\n</a>y<a>\n```\n</a>", ["<a>\n```\n</a>", "<a>\n```\n</a>"]),
    ],
)
def test_the_outermost_closed_elements_outside_of_code(text: str, found: list[str]) -> None:
    assert [text[one.start : one.end] for one in spans(text, NAMES)] == found


def test_an_element_has_its_inside() -> None:
    assert spans("..<a b>xy</a>", NAMES) == [Span(2, 7, 9, 13)]


def test_a_text_of_more_tags_than_agents_write_has_none() -> None:
    assert len(spans("<a></a>" * 2_500, NAMES)) == 2_500
    assert spans("<a></a>" * 2_501, NAMES) == []
