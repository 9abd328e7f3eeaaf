"""``model_limits``: what an operator knows better of a model."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from extproc.config import ConfigError, parse
from extproc.config.printing import effective
from extproc.config.sections.model_limits import ModelLimits
from extproc.core.catalog import Catalog
from extproc.core.config_json import from_json, to_json
from extproc.core.models import Model
from extproc.core.traits import Thinking, Traits
from extproc.providers.traits import traits_of

KEYS = {"OPENAI_API_KEY": "secret"}
GPT_4O = traits_of("openai", "gpt-4o")


def text(limits: str, model: str = "openai/gpt-4o") -> str:
    entry = f'{{model: "{model}", access_key: $OPENAI_API_KEY, model_limits: {limits}}}'
    return f"version: v0.4.0\nmodel_providers: [{entry}]\n"


def model(limits: str, name: str = "openai/gpt-4o") -> Model:
    config = from_json(to_json(parse(text(limits, name), KEYS).config))
    return config.models[0]


def test_every_trait_can_be_given() -> None:
    assert set(ModelLimits.model_fields) == {each.name for each in fields(Traits)}


@pytest.mark.parametrize("limits", ["null", "{}", "{images: null}"])
def test_without_limits_the_family_says_it(limits: str) -> None:
    assert model(limits).traits == GPT_4O


def test_what_is_given_goes_before_the_family() -> None:
    found = model("{images: false, context_window: 32000, thinking: effort, efforts: [low, high]}")
    assert found.traits == GPT_4O.overridden_by(
        Traits(
            images=False,
            context_window=32_000,
            thinking=Thinking.EFFORT,
            efforts=("low", "high"),
        )
    )


def test_a_model_of_no_family() -> None:
    assert model("{tools: false}", "openai/own").traits == Traits(tools=False)


def test_under_a_wildcard_it_counts_for_all_its_models() -> None:
    config = parse(text("{context_window: 9000}", "openai/*"), KEYS).config
    catalog = Catalog(config, traits_of)
    found = catalog.find("openai/gpt-4o")
    assert found is not None
    assert found.traits == GPT_4O.overridden_by(Traits(context_window=9000))
    other = catalog.find("openai/own")
    assert other is not None
    assert other.traits == Traits(context_window=9000)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("7", "model_limits: must be a mapping"),
        ("{context_window: 0}", "model_limits.context_window: must be at least 1"),
        ("{output_ceiling: many}", "model_limits.output_ceiling: must be a whole number"),
        ("{images: maybe}", "model_limits.images: must be true or false"),
        ("{image: true}", "model_limits.image: unknown key; did you mean 'images'?"),
        (
            "{thinking: yes please}",
            "model_limits.thinking: must be 'none', 'budget', 'adaptive' or 'effort'",
        ),
        (
            "{efforts: [much]}",
            (
                "model_limits.efforts[0]: must be 'none', 'minimal', 'low', 'medium', 'high', "
                "'xhigh' or 'max'"
            ),
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(limits: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text(limits), KEYS)
    assert str(raised.value) == f"config.yaml: model_providers[0].{problem}"


def test_what_is_given_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text("{images: false, context_window: 32000, efforts: [low]}"))
    (entry,) = yaml.safe_load(effective(path, KEYS))["model_providers"]
    assert entry["model_limits"] == {"images": False, "context_window": 32_000, "efforts": ["low"]}
