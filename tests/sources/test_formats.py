"""A new source is a module and a row; these say what else must not be forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.core.sources import LatencySource, ObservedLatency, PriceFormat
from extproc.sources.formats import FORMATS

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text()


def test_every_format_of_prices_has_its_row() -> None:
    assert set(FORMATS) == set(PriceFormat)


@pytest.mark.parametrize("provider", [row.provider for row in FORMATS.values()])
def test_every_source_of_prices_is_documented(provider: str) -> None:
    assert f"| `cost`, `{provider}`" in PAGE


@pytest.mark.parametrize("source", [LatencySource, ObservedLatency])
def test_every_source_of_latencies_is_documented(
    source: type[LatencySource | ObservedLatency],
) -> None:
    assert f"| `latency`, `{source.__struct_config__.tag}`" in PAGE
