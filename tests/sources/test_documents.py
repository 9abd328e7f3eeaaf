"""Each source's document as it is published, and what becomes of documents that are not right."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from extproc.ranking.snapshot import Price, Tier
from extproc.sources import digitalocean, models_dev, own_prices
from extproc.sources.listing import Entry, Listing, MalformedError
from tests.helpers.price_server import document

PAGES = [document("digitalocean-1.json"), document("digitalocean-2.json")]


def prices(listing: Listing) -> dict[str, Price]:
    assert len({entry.key for entry in listing.entries}) == len(listing.entries)
    return {entry.key: entry.price for entry in listing.entries}


def faults(listing: Listing) -> list[str]:
    return [str(fault) for fault in listing.faults]


DIGITALOCEAN = {
    "openai-gpt-4o": Price(2.5, 10.0, 1.25),
    "openai-gpt-4o-mini": Price(0.15, 0.6),
    "anthropic-claude-sonnet-4": Price(3.0, 15.0, 0.3),
    "llama3.3-70b-instruct": Price(0.65, 0.65),
}


def test_digitalocean_as_published() -> None:
    listing = digitalocean.parse(PAGES)
    assert prices(listing) == DIGITALOCEAN
    assert listing.faults == ()
    assert listing.entries[0] == Entry(
        "openai-gpt-4o", Price(2.5, 10.0, 1.25), "OpenAI", "openai-gpt-4o"
    )
    assert listing.entries[3].full_id == "meta/llama3.3-70b-instruct"


def scaled(page: bytes, factor: float) -> bytes:
    value = json.loads(page)
    for model in value["data"]:
        pricing = model["pricing"] or {}
        pricing.update({key: price * factor for key, price in pricing.items()})
    return json.dumps(value).encode()


def test_digitalocean_should_it_keep_what_its_names_promise() -> None:
    mended = [scaled(page, 1e6) for page in PAGES]
    found = prices(digitalocean.parse(mended))
    assert found.keys() == DIGITALOCEAN.keys()
    for name, price in found.items():
        assert price.input == pytest.approx(DIGITALOCEAN[name].input)
        assert price.output == pytest.approx(DIGITALOCEAN[name].output)


def catalogue(*models: Any) -> list[bytes]:
    return [json.dumps({"data": models}).encode()]


def model(name: str, price_in: Any, price_out: Any, **others: Any) -> dict[str, Any]:
    pricing = {"input_price_per_million": price_in, "output_price_per_million": price_out}
    return {"model_id": name, "creator": "X", "pricing": pricing | others}


def test_one_entry_on_the_other_scale_does_not_turn_the_rest() -> None:
    listing = digitalocean.parse(
        catalogue(model("a", 1e-6, 2e-6), model("b", 3e-6, 4e-6), model("odd", 3.0, 15.0))
    )
    assert prices(listing) == {"a": Price(1.0, 2.0), "b": Price(3.0, 4.0)}
    on_another = "input_price_per_million is on another scale than the rest of the catalogue"
    assert faults(listing) == [f"'odd': {on_another}"]

    listing = digitalocean.parse(
        catalogue(model("a", 1.0, 2.0), model("b", 3.0, 4.0), model("odd", 3e-6, 1.5e-5))
    )
    assert prices(listing) == {"a": Price(1.0, 2.0), "b": Price(3.0, 4.0)}
    assert faults(listing) == [f"'odd': {on_another}"]


@pytest.mark.parametrize(("price_in", "price_out"), [(1e-8, 1e-8), (1.5e-4, 6e-4)])
def test_the_cheapest_and_the_dearest_models_alone_are_read_on_both_scales(
    price_in: float, price_out: float
) -> None:
    for factor in (1, 1e6):
        found = prices(
            digitalocean.parse(catalogue(model("a", price_in * factor, price_out * factor)))
        )
        assert found["a"].input == pytest.approx(price_in * 1e6)
        assert found["a"].output == pytest.approx(price_out * 1e6)


def test_free_models_say_nothing_of_the_scale() -> None:
    listing = digitalocean.parse(catalogue(model("free", 0, 0), model("a", 1e-6, 2e-6)))
    assert prices(listing) == {"free": Price(0.0, 0.0), "a": Price(1.0, 2.0)}
    assert prices(digitalocean.parse(catalogue(model("free", 0, 0)))) == {"free": Price(0.0, 0.0)}


def test_digitalocean_prices_what_is_written_to_a_cache() -> None:
    written = {
        "cache_write_5m_input_price_per_million": 3.75e-6,
        "cache_write_1h_input_price_per_million": 6e-6,
    }
    listing = digitalocean.parse(catalogue(model("a", 3e-6, 1.5e-5, **written)))
    assert prices(listing) == {"a": Price(3.0, 15.0, None, 3.75, 6.0)}


def test_a_missing_price_is_unknown_and_not_zero() -> None:
    listing = digitalocean.parse(
        catalogue(
            model("half", 1e-6, None),
            {"model_id": "none", "pricing": {}},
            {"model_id": "no pricing"},
            model("whole", 1e-6, 2e-6, cache_read_input_price_per_million=None),
        )
    )
    assert prices(listing) == {"whole": Price(1.0, 2.0, None)}
    assert listing.faults == ()


def test_one_bad_entry_loses_that_entry_only() -> None:
    listing = digitalocean.parse(
        catalogue(
            model("a", 1e-6, 2e-6),
            model("text", "0.000001", 2e-6),
            model("boolean", True, 2e-6),
            model("negative", 1e-6, -2e-6),
            model("cached", 1e-6, 2e-6, input_cache_read=[1]),
            {"model_id": "list", "pricing": []},
            {"model_id": 7},
            "no mapping",
            model("line\nbreak" + "x" * 200, {}, 2e-6),
        )
    )
    assert prices(listing) == {"a": Price(1.0, 2.0)}
    assert faults(listing) == [
        "'text': input_price_per_million is no number",
        "'boolean': input_price_per_million is no number",
        "'negative': output_price_per_million is negative",
        "'cached': input_cache_read is no number",
        "'list': pricing is no mapping",
        "'data[6]': has no model_id",
        "'data[7]': has no model_id",
        f"'line\\nbreak{'x' * 90}…': input_price_per_million is no number",
    ]


CATALOG = "https://api.example/v2/models/catalog"


@pytest.mark.parametrize(
    ("url", "page", "following"),
    [
        (CATALOG, {"data": []}, None),
        (CATALOG, {"meta": {"page": 1, "pages": 2}}, f"{CATALOG}?page=2"),
        (
            f"{CATALOG}?page=2&limit=9",
            {"meta": {"page": 2, "pages": 3}},
            f"{CATALOG}?limit=9&page=3",
        ),
        (f"{CATALOG}?page=2", {"meta": {"page": 2, "pages": 2}}, None),
        (CATALOG, {"meta": {"page": "1", "pages": 2}}, None),
        (CATALOG, {"links": {"pages": {"next": f"{CATALOG}?p=b"}}}, f"{CATALOG}?p=b"),
        (CATALOG, {"links": {"pages": {"next": "?p=b"}}}, f"{CATALOG}?p=b"),
        (CATALOG, {"links": {"pages": {"next": ""}}, "meta": None}, None),
        (CATALOG, {"links": [], "meta": []}, None),
    ],
)
def test_where_digitalocean_goes_on(url: str, page: Any, following: str | None) -> None:
    assert digitalocean.next_page(json.dumps(page).encode(), url) == following


def test_digitalocean_may_not_lead_elsewhere() -> None:
    page = b'{"links": {"pages": {"next": "http://169.254.169.254/latest"}}}'
    with pytest.raises(MalformedError, match="another address"):
        digitalocean.next_page(page, CATALOG)


def test_models_dev_as_published() -> None:
    listing = models_dev.parse([document("models-dev.json")])
    assert prices(listing) == {
        "openai/gpt-4o": Price(2.5, 10.0, 1.25),
        "openai/gpt-4o-mini": Price(0.15, 0.6, 0.075),
        "azure/gpt-4o": Price(2.75, 11.0),
        "azure/gpt-4o-mini": Price(0.15, 0.6, 0.075),
        "anthropic/claude-sonnet-4-20250514": Price(
            3.0, 15.0, 0.3, 3.75, tiers=(Tier(200_000, Price(6.0, 22.5, 0.6, 7.5)),)
        ),
        "opencode/big-pickle": Price(0.0, 0.0, 0.0),
    }
    assert listing.faults == ()
    assert listing.entries[0] == Entry("openai/gpt-4o", Price(2.5, 10.0, 1.25), "openai", "gpt-4o")


def test_models_dev_with_every_kind_of_token() -> None:
    cost = {
        "input": 1,
        "output": 2,
        "cache_read": 3,
        "cache_write": 4,
        "reasoning": 5,
        "input_audio": 6,
        "output_audio": 7,
        "context_over_200k": {"input": 9, "output": 9},
        "tiers": [
            {"input": 30, "output": 40, "tier": {"type": "context", "size": 400_000}},
            {"input": 10, "output": 20, "cache_read": 1, "tier": {"size": 272_000}},
            *({"input": 1, "output": 1, "tier": {"size": size}} for size in (True, "8", -1, None)),
            *({"output": 1, "tier": {"size": 100_000}}, {"input": 1, "output": 1}, 7),
        ],
    }
    listing = models_dev.parse([json.dumps({"a": {"models": {"b": {"cost": cost}}}}).encode()])
    assert prices(listing)["a/b"] == Price(
        *(1.0, 2.0, 3.0, 4.0),
        reasoning=5.0,
        input_audio=6.0,
        output_audio=7.0,
        tiers=(Tier(272_000, Price(10.0, 20.0, 1.0)), Tier(400_000, Price(30.0, 40.0))),
    )
    assert listing.faults == ()


def test_models_dev_with_bad_entries() -> None:
    cost = {"input": 1, "output": 2}
    value = {
        "a": {
            "models": {
                "good": {"cost": cost},
                "half": {"cost": {"input": 1}},
                "text": {"cost": cost | {"output": "2"}},
                "list": {"cost": [1, 2]},
                "null": None,
                "cached": {"cost": cost | {"cache_read": -1}},
                "empty/slash": {"cost": cost},
            }
        },
        "b": {"models": []},
        "c": 7,
    }
    listing = models_dev.parse([json.dumps(value).encode()])
    assert prices(listing) == {"a/good": Price(1.0, 2.0), "a/empty/slash": Price(1.0, 2.0)}
    assert faults(listing) == [
        "'a/text': output is no number",
        "'a/list': cost is no mapping",
        "'a/null': is no mapping",
        "'a/cached': cache_read is negative",
        "'b': has no mapping of models",
        "'c': has no mapping of models",
    ]


def test_ones_own_prices_of_every_kind_of_token() -> None:
    kinds = ("input", "output", "cached_input", "cache_write", "cache_write_1h", "reasoning")
    rates = {
        f"{kind}_per_million": rate
        for rate, kind in enumerate((*kinds, "input_audio", "output_audio"), start=1)
    }
    listing = own_prices.parse([json.dumps({"a/b": rates}).encode()])
    assert prices(listing) == {"a/b": Price(1, 2, 3, 4, 5, 6, 7, 8)}


def test_ones_own_prices_as_documented() -> None:
    listing = own_prices.parse([document("costs.json")])
    assert prices(listing) == {
        "anthropic/claude-sonnet-4-20250514": Price(3.0, 15.0),
        "openai/gpt-4o": Price(5.0, 20.0, 2.5),
    }
    assert listing.entries[1] == Entry("openai/gpt-4o", Price(5.0, 20.0, 2.5), "openai", "gpt-4o")


def test_ones_own_prices_in_a_file() -> None:
    listing = own_prices.parse_yaml([document("prices.yaml")])
    assert prices(listing) == {
        "openai/gpt-4o": Price(5.0, 20.0, 2.5),
        "llama-at-home": Price(0.0, 0.0),
    }
    assert listing.entries[1] == Entry("llama-at-home", Price(0.0, 0.0), "", "llama-at-home")
    assert prices(own_prices.parse_yaml([document("costs.json")])) == prices(
        own_prices.parse([document("costs.json")])
    )


YAML = """
good: {input_per_million: 1, output_per_million: 2}
nan: {input_per_million: .nan, output_per_million: 2}
inf: {input_per_million: 1, output_per_million: .inf}
minus: {input_per_million: -.inf, output_per_million: 2}
huge: {input_per_million: 1HUGE, output_per_million: 2}
text: {input_per_million: "1", output_per_million: 2}
half: {output_per_million: 2}
nothing:
7: {input_per_million: 1, output_per_million: 2}
twice: {input_per_million: 1, output_per_million: 2}
twice: {input_per_million: 1, output_per_million: 3}
"""


def test_a_file_with_bad_entries() -> None:
    listing = own_prices.parse_yaml([YAML.replace("HUGE", "0" * 400).encode()])
    assert prices(listing) == {"good": Price(1.0, 2.0), "twice": Price(1.0, 3.0)}
    assert faults(listing) == [
        "'the list': line 12, column 1: duplicate key 'twice'; the last one counts",
        "'nan': input_per_million is not finite",
        "'inf': output_per_million is not finite",
        "'minus': input_per_million is not finite",
        "'huge': input_per_million is not finite",
        "'text': input_per_million is no number",
        "'half': input_per_million is missing",
        "'nothing': is no mapping of prices",
        "'7': the name of a model must be a string",
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"a: [", "not valid YAML"),
        (b"a: \xff", "is not UTF-8 text"),
        (b"[1, 2]", "is no mapping of models to prices"),
        (b"\x00", "characters that YAML forbids"),
        (b"[" * 20_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_list(body: bytes, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        own_prices.parse_yaml([body])


PARSERS: list[Callable[[Sequence[bytes]], Listing]] = [
    digitalocean.parse,
    models_dev.parse,
    own_prices.parse,
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b"<!doctype html><title>Sign in</title>", "is HTML, not JSON"),
        (b'{"data": [{"model_id": "a"', "is not valid JSON"),
        (b'{"a": NaN}', "is not valid JSON"),
        (b"[" * 20_000, "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
        (b"[]", "is no JSON object"),
        (b'"text"', "is no JSON object"),
        (b"null", "is no JSON object"),
    ],
)
def test_what_is_no_document(
    parse: Callable[[Sequence[bytes]], Listing], body: bytes, says: str
) -> None:
    with pytest.raises(MalformedError, match=says):
        parse([body])


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b'{"data": null}'])
def test_digitalocean_without_its_list(body: bytes) -> None:
    with pytest.raises(MalformedError, match="no list under data"):
        digitalocean.parse([body])


@pytest.mark.parametrize("parse", [models_dev.parse, own_prices.parse])
def test_a_document_may_be_empty(parse: Callable[[Sequence[bytes]], Listing]) -> None:
    assert parse([b"{}"]) == Listing(())
