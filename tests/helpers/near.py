"""A number that may differ a little, where a value's field must hold one."""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["near"]


def near(expected: float, *, within: float | None = None) -> Any:
    """``pytest.approx`` for a field whose type is ``float``.

    Args:
        expected: the number.
        within: how far off the number may be; pytest's own tolerance if it is not given.
    """
    return pytest.approx(expected, abs=within)
