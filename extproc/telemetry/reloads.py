"""Metrics of reloads, from the file by which the supervisor tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from extproc.core.reloads import Reloads

__all__ = ["ReloadCollector"]


class ReloadCollector(Collector):
    """Reads the file at each scrape; while there is none, nothing was reloaded.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def collect(self) -> Iterator[Metric]:
        try:
            reloads = Reloads.from_json(self._path.read_bytes())
        except (OSError, ValueError):
            return
        outcomes = CounterMetricFamily(
            "dragoman_config_reloads",
            "How often the configuration was read again, by what became of it.",
            labels=["outcome"],
        )
        for outcome, count in reloads.outcomes.items():
            outcomes.add_metric([outcome], count)
        yield outcomes
        yield GaugeMetricFamily(
            "dragoman_config_last_reload_successful",
            "0 where the last one was refused: what is in use is not what the file says.",
            value=float(reloads.successful),
        )
        yield GaugeMetricFamily(
            "dragoman_config_last_reload_timestamp_seconds",
            "When the configuration was read again last.",
            value=reloads.at,
        )
