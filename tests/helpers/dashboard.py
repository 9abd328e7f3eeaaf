"""The dashboard for Grafana: its panels, and what they ask Prometheus for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["DASHBOARD", "TARGETS", "as_prometheus_sees_it"]

_FILE = Path(__file__).parents[2] / "dashboards" / "dragoman.json"
DASHBOARD: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))


def _targets() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


TARGETS = tuple(_targets())
"""Each expression, with the title of its panel."""


def as_prometheus_sees_it(expression: str) -> str:
    """An expression after Grafana has put values in the place of its variables."""
    return expression.replace("$__rate_interval", "1m").replace("$instance", ".*")
