"""Dates and marks in names of models."""

from __future__ import annotations

import pytest

from extproc.core.spelling import dated, snapshots, unmarked


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("claude-sonnet-4-5-20250929", ("claude-sonnet-4-5", "20250929")),
        ("claude-sonnet-4-5@20250929", ("claude-sonnet-4-5", "20250929")),
        ("gpt-4o-2024-08-06", ("gpt-4o", "20240806")),
        ("gemini-2.5-flash-preview-09-2025", ("gemini-2.5-flash-preview", "092025")),
        ("gpt-4-0613", ("gpt-4", "0613")),
        ("mistral-large-2411", ("mistral-large", "2411")),
        ("mistral-large-latest", ("mistral-large", "")),
        ("gpt-4o", ("gpt-4o", "")),
        ("claude-opus-4-8", ("claude-opus-4-8", "")),
        ("model-20259999", ("model-20259999", "")),
        ("model-2024-0806", ("model-2024", "0806")),
        ("model-9999", ("model-9999", "")),
        ("-20250929", ("-20250929", "")),
        ("", ("", "")),
    ],
)
def test_the_date_of_a_name(name: str, parts: tuple[str, str]) -> None:
    assert dated(name) == parts


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("claude-opus-4-8[1m]", "claude-opus-4-8"),
        ("claude-opus-4-8", "claude-opus-4-8"),
        ("a[1m]b", "a[1m]b"),
        ("[1m]", "[1m]"),
        ("a[]", "a[]"),
        ("", ""),
    ],
)
def test_the_mark_of_a_name(name: str, plain: str) -> None:
    assert unmarked(name) == plain


def test_a_name_that_is_too_long_is_not_looked_into() -> None:
    for name in (f"{'x' * 300}-20250929", f"{'x' * 300}[1m]"):
        assert (dated(name), unmarked(name)) == ((name, ""), name)


def test_names_that_lead_to_one_model_find_it_once() -> None:
    found = snapshots([("m", "x"), ("m-latest", "x"), ("m-2024-08-06", "y")])
    assert found.find("m") == ("x", "y")
    assert found.find("m-20240806") == ("x", "y")
    assert found.find("m-2025-01-01") == ("x",)
    assert found.find("n") == ()
