"""Which entry of a catalogue each of our models takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

from extproc.config import parse
from extproc.ranking.snapshot import Price
from extproc.sources import digitalocean, models_dev
from extproc.sources.listing import Entry
from extproc.sources.matching import Key, Matches, OurModel, OurModels, match, our_models
from tests.helpers.price_server import document


def ours(*models: OurModel) -> OurModels:
    return OurModels({model.name: model for model in models})


GPT = OurModel("openai/gpt-4o", "openai", "gpt-4o")


def entry(key: str, price: float = 1.0, creator: str = "", model_id: str = "") -> Entry:
    return Entry(key, Price(price, price), creator, model_id)


def taken(matches: Matches) -> dict[str, tuple[str, Key]]:
    return {name: (found.entry.key, found.key) for name, found in matches.taken.items()}


BY_NAME = entry("openai/gpt-4o", 1.0)
BY_FULL_ID = entry("OpenAI GPT", 2.0, "OpenAI", "GPT-4o")
BY_ALIAS = entry("do-gpt", 3.0, "DO", "do-gpt")
BY_ID = entry("azure/gpt-4o", 4.0, "azure", "gpt-4o")
PRECEDENCE = [
    (BY_NAME, Key.NAME),
    (BY_FULL_ID, Key.FULL_ID),
    (BY_ALIAS, Key.ALIAS),
    (BY_ID, Key.BARE_ID),
]


@pytest.mark.parametrize("first", range(4))
def test_the_order_of_keys(first: int) -> None:
    best, key = PRECEDENCE[first]
    catalogue = [each for each, _ in PRECEDENCE[first:]]
    for order in itertools.permutations(catalogue):
        found = match(ours(GPT), order, {"do-gpt": "openai/gpt-4o"})
        assert taken(found) == {"openai/gpt-4o": (best.key, key)}


def test_a_name_of_ones_own_is_found_by_what_it_stands_for() -> None:
    mine = OurModel("fast", "OpenAI", "gpt-4o")
    assert taken(match(ours(mine), [BY_FULL_ID], {})) == {"fast": ("OpenAI GPT", Key.FULL_ID)}
    assert taken(match(ours(mine), [entry("fast")], {})) == {"fast": ("fast", Key.NAME)}


def test_several_models_may_take_one_entry() -> None:
    models = ours(GPT, OurModel("backup", "openai", "gpt-4o"))
    assert taken(match(models, [BY_NAME, BY_FULL_ID], {})) == {
        "openai/gpt-4o": ("openai/gpt-4o", Key.NAME),
        "backup": ("OpenAI GPT", Key.FULL_ID),
    }


def test_an_alias_may_say_creator_and_id() -> None:
    aliases = {"do/do-gpt": "openai/gpt-4o"}
    assert taken(match(ours(GPT), [BY_ALIAS], aliases)) == {"openai/gpt-4o": ("do-gpt", Key.ALIAS)}


def test_different_prices_for_one_bare_id_are_no_price() -> None:
    catalogue = [
        entry("b/gpt-4o", 2.0, "b", "gpt-4o"),
        entry("a/gpt-4o", 1.0, "a", "gpt-4o"),
        entry("c/gpt-4o", 2.0, "c", "gpt-4o"),
    ]
    for order in itertools.permutations(catalogue):
        found = match(ours(GPT), order, {})
        assert found.taken == {}
        assert found.ambiguous == {"openai/gpt-4o": ("a/gpt-4o", "b/gpt-4o", "c/gpt-4o")}
    assert taken(match(ours(GPT), catalogue, {"b/gpt-4o": "openai/gpt-4o"})) == {
        "openai/gpt-4o": ("b/gpt-4o", Key.ALIAS)
    }


def test_a_provider_that_the_catalogue_calls_otherwise() -> None:
    catalogue = models_dev.parse([document("models-dev.json")]).entries
    azure = OurModel("azure_openai/gpt-4o", "azure_openai", "gpt-4o")
    assert taken(match(ours(azure), catalogue, {})) == {
        "azure_openai/gpt-4o": ("azure/gpt-4o", Key.FULL_ID)
    }
    text = "{version: v0.4.0, model_providers: [{model: azure_openai/*, base_url: 'https://h', "
    models = our_models(parse(text + "access_key: k, name: ours}]}", {}).config)
    assert names(models.of_catalogue(catalogue)) == ["ours/gpt-4o", "ours/gpt-4o-mini"]


def test_a_provider_of_ones_own_that_is_called_like_the_catalogues() -> None:
    entry_of = Entry("google/gemini-3", Price(1, 1), "google", "gemini-3", "gemini")
    mine = OurModel("fast", "google", "gemini-3")
    assert taken(match(ours(mine), [entry_of], {})) == {"fast": ("google/gemini-3", Key.FULL_ID)}


def test_one_price_for_one_bare_id_is_the_price() -> None:
    catalogue = [
        entry("b/gpt-4o", 2.0, "b", "gpt-4o"),
        entry("a/gpt-4o", 2.0, "a", "gpt-4o"),
    ]
    for order in itertools.permutations(catalogue):
        assert taken(match(ours(GPT), order, {})) == {"openai/gpt-4o": ("a/gpt-4o", Key.BARE_ID)}


def test_what_was_perhaps_meant() -> None:
    catalogue = digitalocean.parse([document("digitalocean-1.json")]).entries
    found = match(ours(GPT), catalogue, {})
    assert found == Matches({}, similar={"openai/gpt-4o": "openai-gpt-4o"})
    assert taken(match(ours(GPT), catalogue, {"openai-gpt-4o": "openai/gpt-4o"})) == {
        "openai/gpt-4o": ("openai-gpt-4o", Key.ALIAS)
    }


def test_names_without_letters_are_not_alike() -> None:
    model = OurModel("模型/甲", "模型", "甲")
    assert match(ours(model), [entry("模型-乙")], {}) == Matches({})


def test_models_at_digitalocean_have_the_catalogues_ids() -> None:
    catalogue = digitalocean.parse([document("digitalocean-2.json")]).entries
    model = OurModel("do", "digitalocean", "llama3.3-70b-instruct")
    assert taken(match(ours(model), catalogue, {})) == {
        "do": ("llama3.3-70b-instruct", Key.BARE_ID)
    }


CONFIG = """
version: v0.4.0
model_providers:
  - {model: openai/*, access_key: k}
  - {model: openai/gpt-4o, access_key: k, name: main}
  - {model: anthropic/claude-sonnet-4-20250514, access_key: k}
  - {model: mistral/*, access_key: k, name: first/*}
  - {model: mistral/*, access_key: k, name: second/*}
model_aliases: {small: {target: openai/gpt-4o-mini}}
routing_preferences:
  - {name: r, description: d, models: [openai/o3, main, first/large]}
"""


def test_the_models_of_a_configuration() -> None:
    models = our_models(parse(CONFIG, {}).config)
    assert models.named == {
        "main": OurModel("main", "openai", "gpt-4o"),
        "anthropic/claude-sonnet-4-20250514": OurModel(
            "anthropic/claude-sonnet-4-20250514", "anthropic", "claude-sonnet-4-20250514"
        ),
        "openai/o3": OurModel("openai/o3", "openai", "o3"),
        "first/large": OurModel("first/large", "mistral", "large"),
        "openai/gpt-4o-mini": OurModel("openai/gpt-4o-mini", "openai", "gpt-4o-mini"),
    }
    assert models.covers("main")
    assert models.covers("openai/anything")
    assert not models.covers("gpt-4o")
    assert not models.covers("groq/anything")


def names(models: Iterable[OurModel]) -> list[str]:
    return [model.name for model in models]


def test_what_a_wildcard_covers_is_priced_too() -> None:
    models = our_models(parse(CONFIG, {}).config)
    catalogue = [
        *models_dev.parse([document("models-dev.json")]).entries,
        entry("mistral/small", 7.0, "Mistral", "small"),
        entry("second/own", 8.0, "second", "own"),
        entry("first/", 9.0),
    ]
    assert names(models.of_catalogue(catalogue)) == [
        "openai/gpt-4o",
        "first/small",
        "second/small",
        "second/own",
    ]
    assert taken(match(models, catalogue, {})) == {
        "main": ("openai/gpt-4o", Key.FULL_ID),
        "anthropic/claude-sonnet-4-20250514": ("anthropic/claude-sonnet-4-20250514", Key.NAME),
        "openai/gpt-4o-mini": ("openai/gpt-4o-mini", Key.NAME),
        "openai/gpt-4o": ("openai/gpt-4o", Key.NAME),
        "first/small": ("mistral/small", Key.FULL_ID),
        "second/small": ("mistral/small", Key.FULL_ID),
        "second/own": ("second/own", Key.NAME),
    }
