"""Problems, told so that they read once."""

from __future__ import annotations

import pytest

from extproc.core.problems import Problem, told_once

UNSET = "environment variable KEY is not set"


@pytest.mark.parametrize(
    ("number", "places"),
    [
        (1, "a[0]"),
        (2, "a[0], a[1]"),
        (3, "a[0], a[1], a[2]"),
        (4, "a[0], a[1], a[2] and 1 more"),
        (20, "a[0], a[1], a[2] and 17 more"),
    ],
)
def test_a_variable_is_told_of_once_with_its_places(number: int, places: str) -> None:
    told = told_once(Problem(f"a[{each}]", UNSET, "KEY") for each in range(number))
    assert list(map(str, told)) == [f"{places}: {UNSET}"]


def test_each_fault_stands_where_it_is_first_met() -> None:
    first, required = Problem("a", UNSET, "KEY"), Problem("b", "is required")
    empty, other = Problem("a", "is empty", "KEY"), Problem("a", UNSET, "OTHER")
    found = [
        first,
        required,
        Problem("c", "is required"),
        empty,
        other,
        first,
        Problem("d", UNSET, "KEY"),
    ]
    assert list(told_once(found)) == [
        Problem("a, d", UNSET, "KEY"),
        required,
        Problem("c", "is required"),
        empty,
        other,
    ]
