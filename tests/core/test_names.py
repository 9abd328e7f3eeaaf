from __future__ import annotations

import pytest

from extproc.core.names import Directory, directory_of

DECLARED = (
    ("openai/gpt-4o", "openai/gpt-4o"),
    ("gpt-5", "azure/deployment"),
    ("openai/gpt-5", "openai/gpt-5"),
    ("one/shared", "one/shared"),
    ("two/shared", "two/shared"),
    ("fine", "groq/*"),
    ("groq/llama", "groq/llama"),
)


@pytest.fixture
def names() -> Directory:
    return directory_of(DECLARED).with_aliases(
        {"quick": "openai/gpt-4o", "groq/llama": "gpt-5", "azure/deployment": "openai/gpt-5"}
    )


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        pytest.param("gpt-5", ("gpt-5",), id="a name before the bare id of another"),
        pytest.param("groq/llama", ("groq/llama",), id="a name before an alias"),
        pytest.param("quick", ("openai/gpt-4o",), id="an alias"),
        pytest.param("azure/deployment", ("openai/gpt-5",), id="an alias before provider/id"),
        pytest.param("deployment", ("gpt-5",), id="a bare id"),
        pytest.param("shared", ("one/shared", "two/shared"), id="a bare id of several"),
        pytest.param("groq/mixtral", ("fine/mixtral",), id="what a wildcard covers"),
        pytest.param("fine/mixtral", ("fine/mixtral",), id="the same by its own name"),
        pytest.param("groq/*", (), id="no wildcard itself"),
        pytest.param("", (), id="nothing"),
        pytest.param("mixtral", (), id="unknown"),
    ],
)
def test_precedence(names: Directory, reference: str, found: tuple[str, ...]) -> None:
    assert names.find(reference) == found


def test_what_must_lead_to_a_model_at_once_knows_no_alias(names: Directory) -> None:
    assert names.without_aliases().find("quick") == ()
    assert names.without_aliases().find("azure/deployment") == ("gpt-5",)


def test_the_entry_of_a_model(names: Directory) -> None:
    assert names.entry("fine/mixtral") == "fine"
    assert names.entry("gpt-5") == "gpt-5"


def test_what_there_is(names: Directory) -> None:
    assert names.available == (
        "openai/gpt-4o",
        "gpt-5",
        "openai/gpt-5",
        "one/shared",
        "two/shared",
        "groq/llama",
        "fine/*",
    )
