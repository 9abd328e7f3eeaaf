"""Sources of prices and latencies: both generations of types, and what is said of mistakes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extproc.config import (
    ConfigError,
    CostBasis,
    CostSource,
    LatencyMeasure,
    LatencySource,
    Loaded,
    ObservedLatency,
    Preference,
    PriceFormat,
    Secrets,
    load,
    parse,
)
from extproc.config.printing import effective
from extproc.core.config_json import from_json, to_json

ENVIRON = {"KEY": "the-model-key", "PRICING_TOKEN": "the-pricing-token", "HOST": "prom"}
CATALOGUE = "https://api.digitalocean.com/v2/gen-ai/models/catalog"
TEXT = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY}
  - {model: openai/o3, access_key: $KEY}
"""
COST = "{type: cost, provider: digitalocean}"
LATENCY = "{type: latency, provider: prometheus, url: 'http://p:9090', query: q}"
COST_METRICS = "{type: cost_metrics, url: 'https://h/costs'}"
PROMETHEUS = "{type: prometheus_metrics, url: 'http://p:9090', query: q}"
DIGITALOCEAN = "{type: digitalocean_pricing}"


def read(sources: str, *prefer: str) -> Loaded:
    text = f"{TEXT}model_metrics_sources: {sources}\nrouting_preferences:\n"
    for number, word in enumerate(prefer):
        text += (
            f"  - {{name: r{number}, description: d, models: [gpt-4o, o3],"
            f" selection_policy: {{prefer: {word}}}}}\n"
        )
    return parse(text, ENVIRON)


def problems_of(sources: str, *prefer: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(sources, *prefer)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (COST, CostSource(PriceFormat.DIGITALOCEAN, CATALOGUE)),
        (
            (
                "{type: cost, provider: models.dev, refresh_interval: 3600,"
                " model_aliases: {openai/gpt-4o-2024: gpt-4o}}"
            ),
            CostSource(
                PriceFormat.MODELS_DEV,
                "https://models.dev/api.json",
                None,
                3600,
                model_aliases={"openai/gpt-4o-2024": "openai/gpt-4o"},
            ),
        ),
        (
            "{type: cost, provider: models.dev, url: 'http://$HOST/prices?all=1'}",
            CostSource(PriceFormat.MODELS_DEV, "http://prom/prices?all=1"),
        ),
        (
            (
                "{type: digitalocean_pricing, refresh_interval: 60,"
                " model_aliases: {openai-o3: openai/o3}}"
            ),
            CostSource(
                PriceFormat.DIGITALOCEAN,
                CATALOGUE,
                None,
                60,
                model_aliases={"openai-o3": "openai/o3"},
            ),
        ),
        (COST_METRICS, CostSource(PriceFormat.OWN, "https://h/costs")),
        (
            (
                "{type: cost_metrics, url: 'https://h/costs', refresh_interval: 300,"
                " auth: {type: bearer, token: $PRICING_TOKEN}}"
            ),
            CostSource(PriceFormat.OWN, "https://h/costs", None, 300, "PRICING_TOKEN"),
        ),
    ],
)
def test_a_source_of_prices(source: str, expected: CostSource) -> None:
    config = read(f"[{source}]").config
    assert config.costs == expected
    assert config.latencies is None
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize(
    "kind", ["{type: latency, provider: prometheus,", "{type: prometheus_metrics,"]
)
def test_a_source_of_latencies(kind: str) -> None:
    query = "histogram_quantile(0.95, x{model=~'a.*$'})"
    source = f'{kind} url: "http://${{HOST}}:9090", query: "{query}", refresh_interval: 60}}'
    config = read(f"[{source}]").config
    assert config.latencies == LatencySource("http://prom:9090", query, 60)
    assert config.costs is None


def test_a_token_is_kept_apart() -> None:
    source = "{type: cost_metrics, url: 'https://h', auth: {type: bearer, token: a-literal-token}}"
    loaded = read(f"[{source}]")
    assert loaded.config.costs == CostSource(
        PriceFormat.OWN, "https://h", token_variable="DRAGOMAN_KEY_1"
    )
    assert loaded.secrets == Secrets({"KEY": "the-model-key", "DRAGOMAN_KEY_1": "a-literal-token"})
    assert "a-literal-token" not in repr(loaded)
    assert b"a-literal-token" not in to_json(loaded.config)


def test_a_token_and_a_key_that_are_written_out_do_not_share_a_variable() -> None:
    text = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: a-literal-key}]
model_metrics_sources:
  - {type: cost_metrics, url: 'https://h', auth: {type: bearer, token: a-literal-token}}
"""
    assert parse(text, {}).secrets == Secrets(
        {"DRAGOMAN_KEY_1": "a-literal-key", "DRAGOMAN_KEY_2": "a-literal-token"}
    )


def test_policies_with_their_data() -> None:
    loaded = read(f"[{COST}, {LATENCY}]", "cheapest", "fastest", "cheapest")
    assert [route.prefer for route in loaded.config.routes] == [
        Preference.CHEAPEST,
        Preference.FASTEST,
        Preference.CHEAPEST,
    ]
    assert {route.cost_basis for route in loaded.config.routes} == {CostBasis.TOTAL}
    assert loaded.warnings == ()


def test_sources_that_no_route_uses_are_read_without_a_word() -> None:
    assert read(f"[{COST}]", "none").warnings == ()


OBSERVED = "{type: latency, provider: observed}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (OBSERVED, ObservedLatency(LatencyMeasure.FIRST_BYTE, 95.0, 300.0)),
        (
            (
                "{type: latency, provider: observed, measure: duration, percentile: 99.5,"
                " window: 1h}"
            ),
            ObservedLatency(LatencyMeasure.DURATION, 99.5, 3600.0),
        ),
    ],
)
def test_what_is_measured_here_is_a_source_of_latencies(
    source: str, expected: ObservedLatency
) -> None:
    loaded = read(f"[{source}]", "fastest")
    assert loaded.config.latencies == expected
    assert loaded.warnings == ()
    assert from_json(to_json(loaded.config)) == loaded.config


def test_an_address_of_ones_own_in_the_later_form() -> None:
    source = (
        "{type: cost, provider: custom, url: 'https://h/costs', refresh_interval: 300,"
        " auth: {type: bearer, token: $PRICING_TOKEN}, model_aliases: {big: o3}}"
    )
    loaded = read(f"[{source}, {OBSERVED}]", "cheapest")
    assert loaded.config.costs == CostSource(
        PriceFormat.OWN,
        "https://h/costs",
        None,
        300,
        "PRICING_TOKEN",
        {"big": "openai/o3"},
    )
    assert loaded.secrets.values["PRICING_TOKEN"] == ENVIRON["PRICING_TOKEN"]
    assert loaded.warnings == ()


FILE = "[{type: cost, provider: file, path: $PRICES, refresh_interval: 5}]"
FILE_TEXT = f"{TEXT}model_metrics_sources: {FILE}\n"


@pytest.mark.parametrize("written", ["lists/prices.yaml", "./lists/../lists/prices.yaml"])
def test_a_file_is_looked_for_beside_the_configuration(tmp_path: Path, written: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "prices.yaml").touch()
    path = tmp_path / "config.yaml"
    path.write_text(FILE_TEXT, encoding="utf-8")
    environ = ENVIRON | {"PRICES": written}
    loaded = load(path, environ)
    assert loaded.config.costs is not None
    assert loaded.config.costs == CostSource(
        PriceFormat.OWN, path=str(tmp_path / written), refresh_interval=5
    )
    assert from_json(to_json(loaded.config)) == loaded.config

    elsewhere = tmp_path / "lists" / "again.yaml"
    elsewhere.write_text(effective(path, environ), encoding="utf-8")
    assert "$PRICES" in elsewhere.read_text(encoding="utf-8")
    assert load(elsewhere, environ).config == loaded.config


def test_an_absolute_path_stays_as_it_was_written(tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.touch()
    path = tmp_path / "config.yaml"
    path.write_text(FILE_TEXT, encoding="utf-8")
    environ = ENVIRON | {"PRICES": str(prices)}
    costs = load(path, environ).config.costs
    assert costs is not None
    assert costs.path == str(prices)
    assert "path: $PRICES\n" in effective(path, environ)


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILE_TEXT, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(path, ENVIRON | {"PRICES": "nowhere.yaml"})
    assert [str(problem) for problem in raised.value.problems] == [
        f"model_metrics_sources[0].path: there is no file {tmp_path / 'nowhere.yaml'}"
    ]


def test_a_file_that_may_not_be_read_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = tmp_path / "prices.yaml"
    prices.touch()
    # Whoever runs the tests may be allowed to read everything.
    monkeypatch.setattr("os.access", lambda path, mode: (path, mode) != (prices, os.R_OK))
    path = tmp_path / "config.yaml"
    path.write_text(FILE_TEXT, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\[0\]\.path: may not be read: .*prices\.yaml"):
        load(path, ENVIRON | {"PRICES": "prices.yaml"})


def test_the_basis_of_costs() -> None:
    text = f"""{TEXT}
model_metrics_sources: [{COST}]
routing_preferences:
  - {{name: a, description: d, models: [o3],
      selection_policy: {{prefer: cheapest, cost_basis: request}}}}
  - {{name: b, description: d, models: [o3], selection_policy: {{prefer: none, cost_basis: total}}}}
"""
    loaded = parse(text, ENVIRON)
    assert [route.cost_basis for route in loaded.config.routes] == [
        CostBasis.REQUEST,
        CostBasis.TOTAL,
    ]
    assert loaded.warnings == (
        (
            "config.yaml: routing_preferences[1].selection_policy.cost_basis: "
            "ignored: prefer: none compares no costs"
        ),
    )


def test_a_forgotten_dollar_is_warned_of() -> None:
    source = "{type: cost_metrics, url: 'https://h', auth: {type: bearer, token: PRICING_TOKEN}}"
    assert (
        "config.yaml: model_metrics_sources[0].auth.token: taken literally; "
        "for the variable write $PRICING_TOKEN"
    ) in read(f"[{source}]").warnings


def test_an_alias_that_leads_nowhere_is_warned_of_and_left_out() -> None:
    loaded = read("[{type: digitalocean_pricing, model_aliases: {a: openai/gpt-9, b: o3}}]")
    assert loaded.config.costs is not None
    assert loaded.config.costs.model_aliases == {"b": "openai/o3"}
    assert loaded.warnings == (
        (
            "config.yaml: model_metrics_sources[0].model_aliases.a: ignored: "
            "'openai/gpt-9' is not declared in model_providers"
        ),
    )


def test_an_alias_that_fits_several_models_is_warned_of_and_left_out() -> None:
    text = """
version: v0.4.0
model_providers:
  - {model: ollama/llama, base_url: 'http://a', name: a}
  - {model: ollama/llama, base_url: 'http://b', name: b}
model_metrics_sources: [{type: cost, provider: models.dev, model_aliases: {x: llama, y: a}}]
"""
    loaded = parse(text, {})
    assert loaded.config.costs is not None
    assert loaded.config.costs.model_aliases == {"y": "a"}
    assert (
        "config.yaml: model_metrics_sources[0].model_aliases.x: "
        "ignored: 'llama' fits several models"
    ) in loaded.warnings


SECTION = "model_metrics_sources"
PREFER = "routing_preferences[0].selection_policy.prefer"
URL = "must be a URL such as https://name.example/path"
TYPES = "cost, latency, cost_metrics, prometheus_metrics, digitalocean_pricing"

MISTAKES = {
    "cheapest without any source": (
        "[]",
        "cheapest",
        [
            (
                f"{PREFER}: routing_preferences route 'r0' uses prefer: cheapest but no cost "
                f"metrics source is configured — add a cost metrics source to {SECTION}"
            )
        ],
    ),
    "fastest without any source": (
        "[]",
        "fastest",
        [
            (
                f"{PREFER}: routing_preferences route 'r0' uses prefer: fastest but no latency "
                f"metrics source is configured — add a latency metrics source to {SECTION}"
            )
        ],
    ),
    "cheapest with latencies only": (
        f"[{LATENCY}]",
        "cheapest",
        [
            (
                f"{PREFER}: routing_preferences route 'r0' uses prefer: cheapest but no cost "
                f"metrics source is configured — add a cost metrics source to {SECTION}"
            )
        ],
    ),
    "cheapest with latencies only, earlier types": (
        f"[{PROMETHEUS}]",
        "cheapest",
        [
            (
                f"{PREFER}: prefer: cheapest requires a cost data source — "
                "add cost_metrics or digitalocean_pricing"
            )
        ],
    ),
    "fastest with prices only, earlier types": (
        f"[{DIGITALOCEAN}]",
        "fastest",
        [f"{PREFER}: prefer: fastest requires a prometheus_metrics source"],
    ),
    "two cost": (
        f"[{COST}, {COST}]",
        "cheapest",
        [f"{SECTION}: only one cost metrics source is allowed"],
    ),
    "two latency": (
        f"[{LATENCY}, {LATENCY}]",
        "fastest",
        [f"{SECTION}: only one latency metrics source is allowed"],
    ),
    "two cost_metrics": (
        f"[{COST_METRICS}, {COST_METRICS}]",
        "cheapest",
        [f"{SECTION}: only one cost_metrics source is allowed"],
    ),
    "two prometheus_metrics": (
        f"[{PROMETHEUS}, {PROMETHEUS}]",
        "fastest",
        [f"{SECTION}: only one prometheus_metrics source is allowed"],
    ),
    "two digitalocean_pricing": (
        f"[{DIGITALOCEAN}, {DIGITALOCEAN}]",
        "cheapest",
        [f"{SECTION}: only one digitalocean_pricing source is allowed"],
    ),
    "cost_metrics and digitalocean_pricing": (
        f"[{COST_METRICS}, {DIGITALOCEAN}]",
        "cheapest",
        [
            (
                f"{SECTION}: cost_metrics and digitalocean_pricing cannot both be configured — "
                "use one or the other"
            )
        ],
    ),
    "both generations": (
        f"[{COST}, {PROMETHEUS}]",
        "cheapest",
        [
            (
                f"{SECTION}: type prometheus_metrics is of an earlier form than type cost; use the "
                "types of one form: cost and latency, or cost_metrics, digitalocean_pricing and "
                "prometheus_metrics"
            )
        ],
    ),
    "a source that is not valid is a source": (
        "[{type: cost, provider: aws}]",
        "cheapest",
        [f"{SECTION}[0].provider: must be one of digitalocean, models.dev, custom, file"],
    ),
    "an unknown source of latencies": (
        "[{type: latency, provider: [observed]}]",
        "fastest",
        [f"{SECTION}[0].provider: must be one of prometheus, observed"],
    ),
    "nothing but providers": (
        "[{type: latency, provider: prometheus}, {type: cost, provider: custom}]",
        "fastest",
        [
            f"{SECTION}[0].url: is required",
            f"{SECTION}[0].query: is required",
            f"{SECTION}[1].url: is required",
        ],
    ),
    "a file without its path, and with what it has no use for": (
        "[{type: cost, provider: file, url: 'http://h', auth: {}}]",
        "cheapest",
        [
            f"{SECTION}[0].path: is required",
            (
                f"{SECTION}[0].url: unknown key; known here: "
                "model_aliases, path, provider, refresh_interval, type"
            ),
            f"{SECTION}[0].auth: unknown key; did you mean 'path'?",
        ],
    ),
    "wrong measures": (
        (
            "[{type: latency, provider: observed, measure: p95, percentile: 0.95, window: 0,"
            " url: 'http://p'}]"
        ),
        "fastest",
        [
            f"{SECTION}[0].measure: must be 'first_byte' or 'duration'",
            f"{SECTION}[0].percentile: must be at least 1.0",
            f"{SECTION}[0].window: must be at least 1ms and at most seven days",
            (
                f"{SECTION}[0].url: unknown key; known here: "
                "measure, percentile, provider, type, window"
            ),
        ],
    ),
    "a percentile that is no number": (
        "[{type: latency, provider: observed, percentile: p95}]",
        "fastest",
        [f"{SECTION}[0].percentile: must be a number"],
    ),
    "two latency, one of them measured here": (
        f"[{LATENCY}, {{type: latency, provider: observed}}]",
        "fastest",
        [f"{SECTION}: only one latency metrics source is allowed"],
    ),
    "a basis of costs that nobody knows": (
        f"[{COST}]",
        "cheapest, cost_basis: sum",
        ["routing_preferences[0].selection_policy.cost_basis: must be 'total' or 'request'"],
    ),
    "no type": ("[{provider: cost}]", "cheapest", [f"{SECTION}[0].type: is required"]),
    "an unknown type": (
        "[{type: price}, {type: [cost]}]",
        "cheapest",
        [f"{SECTION}[{index}].type: must be one of {TYPES}" for index in range(2)],
    ),
    "no list": ("{type: cost}", "cheapest", [f"{SECTION}: must be a list"]),
    "no mappings": ("[cost]", "cheapest", [f"{SECTION}[0]: must be a mapping"]),
    "nothing but types": (
        "[{type: cost}, {type: latency}]",
        "fastest",
        [
            f"{SECTION}[0].provider: is required",
            f"{SECTION}[1].provider: is required",
        ],
    ),
    "nothing but types, earlier": (
        "[{type: cost_metrics}, {type: prometheus_metrics}]",
        "fastest",
        [
            f"{SECTION}[0].url: is required",
            f"{SECTION}[1].url: is required",
            f"{SECTION}[1].query: is required",
        ],
    ),
    "wrong values": (
        (
            "[{type: latency, provider: prometheus, url: prom, query: '', refresh_interval: 0},"
            " {type: cost, provider: models.dev, url: 'http://u:p@h', refresh_interval: 5m,"
            " model_aliases: {a: 1}, auth: {}}]"
        ),
        "fastest",
        [
            f"{SECTION}[0].url: {URL}",
            f"{SECTION}[0].query: must not be empty",
            f"{SECTION}[0].refresh_interval: must be at least 1",
            f"{SECTION}[1].url: must not hold credentials",
            f"{SECTION}[1].refresh_interval: must be a whole number",
            f"{SECTION}[1].model_aliases.a: must be a string",
            (
                f"{SECTION}[1].auth: unknown key; known here: "
                "model_aliases, provider, refresh_interval, type, url"
            ),
        ],
    ),
    "wrong authentication": (
        (
            "[{type: cost_metrics, url: 'ftp://h', auth: {type: basic, tokn: a}},"
            " {type: prometheus_metrics, url: 'http://$NOWHERE', query: q}]"
        ),
        "none",
        [
            f"{SECTION}[0].url: {URL}",
            f"{SECTION}[0].auth.type: must be 'bearer'",
            f"{SECTION}[0].auth.token: is required",
            f"{SECTION}[0].auth.tokn: unknown key; did you mean 'token'?",
            f"{SECTION}[1].url: environment variable NOWHERE is not set",
        ],
    ),
    "a token that is not set": (
        "[{type: cost_metrics, url: 'http://h', auth: {type: bearer, token: $NO_TOKEN}}]",
        "cheapest",
        [f"{SECTION}[0].auth.token: environment variable NO_TOKEN is not set"],
    ),
    "a URL that is none": (
        "[{type: cost_metrics, url: 'http://['}]",
        "cheapest",
        [f"{SECTION}[0].url: {URL}"],
    ),
}


@pytest.mark.parametrize(("sources", "prefer", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(sources: str, prefer: str, expected: list[str]) -> None:
    assert problems_of(sources, prefer) == expected
