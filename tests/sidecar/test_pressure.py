"""How much is used, as Envoy is told."""

from __future__ import annotations

import pytest

from extproc.core.resources import Resources
from extproc.sidecar.pressure import Usage, pressure


@pytest.mark.parametrize(
    ("connections", "files", "expected"),
    [
        (0, 0, 0.0),
        (50, 100, 0.5),
        (50, 800, 0.8),
        (100, 100, 0.96),
        (200, 100, 0.96),
        (100, 990, 0.99),
        (0, 2000, 1.0),
    ],
)
def test_pressure(connections: int, files: int, expected: float) -> None:
    assert pressure(Usage(connections, files), Resources(100), 1000) == expected
