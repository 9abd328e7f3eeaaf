"""The older form of preferences, under each provider, and what it is taken for."""

from __future__ import annotations

from textwrap import dedent

import pytest
import yaml

from extproc.config import ConfigError, Loaded, Route, parse

KEYS = {"OPENAI_API_KEY": "openai-secret", "ANTHROPIC_API_KEY": "anthropic-secret"}

INLINE = """
model_providers:
  - model: openai/gpt-4o-mini
    access_key: $OPENAI_API_KEY
    default: true
  - model: openai/gpt-4o
    name: big
    access_key: $OPENAI_API_KEY
    routing_preferences:
      - name: complex_reasoning
        description: complex reasoning tasks, multi-step analysis
  - model: anthropic/claude-sonnet-4-20250514
    access_key: $ANTHROPIC_API_KEY
    routing_preferences:
      - name: code_generation
        description: generating new code, writing functions
      - name: complex_reasoning
        description: complex reasoning tasks, multi-step analysis
"""
NEW_FORM = """\
version: v0.4.0
routing_preferences:
- name: complex_reasoning
  description: complex reasoning tasks, multi-step analysis
  models:
  - big
  - anthropic/claude-sonnet-4-20250514
- name: code_generation
  description: generating new code, writing functions
  models:
  - anthropic/claude-sonnet-4-20250514"""
ROUTES = (
    Route(
        "complex_reasoning",
        "complex reasoning tasks, multi-step analysis",
        ("big", "anthropic/claude-sonnet-4-20250514"),
    ),
    Route(
        "code_generation",
        "generating new code, writing functions",
        ("anthropic/claude-sonnet-4-20250514",),
    ),
)
DEPRECATED = (
    "routing_preferences under a provider is deprecated; "
    "this is what it was taken for, to be written instead:"
)
TWO = """
{version}
model_providers:
  - {{model: openai/a, access_key: k, routing_preferences: {first}}}
  - {{model: openai/b, access_key: k, routing_preferences: {second}}}
"""


def read(text: str) -> Loaded:
    return parse(dedent(text), KEYS)


def two(first: str, second: str = "null", version: str = "version: v0.3.0") -> str:
    return TWO.format(version=version, first=first, second=second)


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    "version",
    ["", *(f"version: {name}" for name in ("v0.1", "v0.1.0", "0.1-beta", "0.2.0", "v0.3.0"))],
)
@pytest.mark.parametrize("key", ["model_providers", "llm_providers"])
def test_preferences_under_providers_become_routes(version: str, key: str) -> None:
    loaded = read(f"{version}{INLINE.replace('model_providers', key)}")
    assert loaded.config.routes == ROUTES
    assert loaded.warnings[0] == f"config.yaml: {key}: {DEPRECATED}\n{NEW_FORM}"
    assert len(loaded.warnings) == 1 + (key == "llm_providers")


def test_the_new_form_that_is_printed_says_the_same() -> None:
    old = read(INLINE)
    pasted = old.warnings[0].partition("\n")[2]
    providers = yaml.safe_load(INLINE)
    for entry in providers["model_providers"]:
        entry.pop("routing_preferences", None)
    assert read(pasted + "\n" + yaml.safe_dump(providers)) == Loaded(old.config, old.secrets)


def test_the_first_description_counts() -> None:
    loaded = read(two("[{name: r, description: one}]", "[{name: r, description: two}]"))
    assert loaded.config.routes == (Route("r", "one", ("openai/a", "openai/b")),)
    assert loaded.warnings[1:] == (
        (
            "config.yaml: model_providers[1].routing_preferences[0].description: ignored: 'r' is "
            "described before; the first description counts"
        ),
    )


def test_a_name_twice_under_one_provider_is_one_candidate() -> None:
    item = "{name: r, description: d}"
    assert read(two(f"[{item}, {item}]")).config.routes == (Route("r", "d", ("openai/a",)),)


@pytest.mark.parametrize("empty", ["null", "[]"])
def test_no_preferences_at_all(empty: str) -> None:
    assert read(two(empty)).config.routes == ()


@pytest.mark.parametrize("version", ["", "version: 0.2.0"])
def test_an_empty_list_of_the_newer_form_is_in_nobodys_way(version: str) -> None:
    text = two("[{name: r, description: d}]", version=version)
    assert read(text + "routing_preferences: []").config.routes == (Route("r", "d", ("openai/a",)),)


MISTAKES = {
    "in a file of the newer form": (
        two("[{name: r, description: d}]", version="version: v0.4.0"),
        [
            (
                "model_providers[0].routing_preferences: belongs under the root key "
                "routing_preferences in v0.4.0: an item there has a name, a description and a list "
                "of models"
            )
        ],
    ),
    "in a file of an unknown version": (
        two("[]", version="version: v0.5.0"),
        [
            "version: must be one of v0.1, v0.1.0, 0.1-beta, 0.2.0, v0.3.0, v0.4.0",
            (
                "model_providers[0].routing_preferences: belongs under the root key "
                "routing_preferences in v0.4.0: an item there has a name, a description and a list "
                "of models"
            ),
        ],
    ),
    "without a name": (
        two("null", "[{description: d}, {name: '', description: e}]"),
        [
            "model_providers[1].routing_preferences[0].name: is required",
            (
                "model_providers[1].routing_preferences[1].name: must not be empty, "
                "nor begin or end with a space"
            ),
        ],
    ),
    "without a description": (
        two("[{name: a}, {name: b, description: ''}]"),
        [
            "model_providers[0].routing_preferences[0].description: is required",
            "model_providers[0].routing_preferences[1].description: must not be empty",
        ],
    ),
    "with an unknown key": (
        two("[{name: a, description: b, descripton: c}]"),
        [
            (
                "model_providers[0].routing_preferences[0].descripton: "
                "unknown key; did you mean 'description'?"
            )
        ],
    ),
    "of the wrong type": (
        two("{name: a, description: b}", "[a]"),
        [
            "model_providers[0].routing_preferences: must be a list",
            "model_providers[1].routing_preferences[0]: must be a mapping",
        ],
    ),
    "beside routes of the newer form": (
        two("[{name: a, description: b}]")
        + "routing_preferences: [{name: a, description: c, models: [a]}]",
        [
            (
                "routing_preferences: top-level routing_preferences requires version v0.4.0 "
                "or above. Update the version field or remove routing_preferences."
            )
        ],
    ),
    "beside routes of the newer form, without a version": (
        two("[]", version="") + "routing_preferences: [{name: a, description: c, models: [a]}]",
        [
            "version: is required; write version: v0.4.0",
            (
                "model_providers[0].routing_preferences: belongs under the root key "
                "routing_preferences in v0.4.0: an item there has a name, a description and a list "
                "of models"
            ),
        ],
    ),
    "under a model that is not told": (
        "version: v0.3.0\nmodel_providers: [{routing_preferences: [{name: r, description: d}]}]",
        ["model_providers[0].model: is required"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_told_where_they_were_made(text: str, expected: list[str]) -> None:
    assert problems_of(text) == expected


def test_a_wildcard_cannot_have_preferences() -> None:
    text = two("[{name: r, description: d}]").replace("openai/a", "openai/*")
    assert (
        "model_providers[0].routing_preferences: Model openai/* has routing_preferences but uses "
        "wildcard (*). Models with routing preferences cannot be wildcards."
    ) in problems_of(text)


def test_a_warning_that_quotes_the_file_holds_no_key() -> None:
    text = two("[{name: r, description: use openai-secret here}]").replace(
        "access_key: k", "access_key: $OPENAI_API_KEY"
    )
    assert "openai-secret" not in "".join(read(text).warnings)
