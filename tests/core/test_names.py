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


FAMILIES = {"openai": ("gpt-*",), "azure_openai": ("gpt-*",), "anthropic": ("claude-*",)}
TWO_WILDCARDS = (("openai/*", "openai/*"), ("anthropic/*", "anthropic/*"))


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("gpt-4o-mini", "openai/gpt-4o-mini"),
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5-20250929"),
        ("claude-opus-4-8[1m]", "anthropic/claude-opus-4-8"),
        ("anthropic/claude-opus-4-8[1m]", "anthropic/claude-opus-4-8"),
        ("openai/claude-like", "openai/claude-like"),
    ],
)
def test_a_bare_name_belongs_to_the_wildcard_that_has_its_family(
    reference: str, found: str
) -> None:
    assert directory_of(TWO_WILDCARDS, FAMILIES).find(reference) == (found,)


@pytest.mark.parametrize("reference", ["llama-4", "groq/gpt-4o", "gpt-" + "x" * 300])
def test_a_name_of_no_family(reference: str) -> None:
    assert directory_of(TWO_WILDCARDS, FAMILIES).find(reference) == ()


def test_a_bare_name_that_two_wildcards_may_serve() -> None:
    names = directory_of((*TWO_WILDCARDS, ("own", "azure_openai/*")), FAMILIES)
    assert names.find("gpt-4o") == ("openai/gpt-4o", "own/gpt-4o")
    assert names.find("claude-x") == ("anthropic/claude-x",)


DATED = (
    ("anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
    ("openai/gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06"),
    ("fast", "mistral/mistral-small-2411"),
    ("slow", "mistral/mistral-small-2503"),
)


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("claude-sonnet-4-5-20250929", ("anthropic/claude-sonnet-4-5",)),
        ("anthropic/claude-sonnet-4-5-20250929", ("anthropic/claude-sonnet-4-5",)),
        ("claude-sonnet-4-5-20250929[1m]", ("anthropic/claude-sonnet-4-5",)),
        ("claude-sonnet-4-5-latest", ("anthropic/claude-sonnet-4-5",)),
        ("gpt-4o", ("openai/gpt-4o-2024-08-06",)),
        ("gpt-4o-2024-05-13", ()),
        ("gpt-4o-20240806", ("openai/gpt-4o-2024-08-06",)),
        ("mistral-small", ("fast", "slow")),
        ("mistral-small-2411", ("fast",)),
        ("claude-sonnet-4", ()),
    ],
)
def test_dates_of_declared_models(reference: str, found: tuple[str, ...]) -> None:
    assert directory_of(DATED).find(reference) == found


def test_an_alias_holds_for_every_date() -> None:
    declared = (*TWO_WILDCARDS, ("openai/gpt-5", "openai/gpt-5"))
    names = directory_of(declared, FAMILIES).with_aliases({"claude-haiku-4-5": "openai/gpt-5"})
    assert names.find("claude-haiku-4-5-20251001") == ("openai/gpt-5",)
    assert names.find("claude-haiku-4-4") == ("anthropic/claude-haiku-4-4",)
    assert names.without_aliases().find("claude-haiku-4-5-20251001") == (
        "anthropic/claude-haiku-4-5-20251001",
    )


def test_a_wildcard_serves_the_very_snapshot_that_was_asked_for() -> None:
    names = directory_of((("openai/gpt-4o", "openai/gpt-4o"), *TWO_WILDCARDS), FAMILIES)
    assert names.find("gpt-4o-2024-05-13") == ("openai/gpt-4o-2024-05-13",)
    assert names.find("gpt-4o") == ("openai/gpt-4o",)


def test_a_declared_mark_is_part_of_the_name() -> None:
    names = directory_of((("claude[1m]", "x/long"), ("claude", "x/short")))
    assert names.find("claude[1m]") == ("claude[1m]",)
    assert names.find("claude[2m]") == ("claude",)
