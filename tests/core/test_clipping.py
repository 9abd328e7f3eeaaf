"""Texts of others, cut to a length."""

from __future__ import annotations

import pytest

from extproc.core.clipping import LONGEST, clipped


@pytest.mark.parametrize("length", [0, 1, LONGEST])
def test_what_fits_stays(length: int) -> None:
    assert clipped("x" * length) == "x" * length


@pytest.mark.parametrize("length", [LONGEST + 1, 5_000_000])
def test_what_does_not_fit_ends_in_an_ellipsis(length: int) -> None:
    assert clipped("x" * length) == "x" * (LONGEST - 1) + "…"
