"""Names that are none of some."""

from __future__ import annotations

import re

import pytest

from extproc.bootstrap.complement import all_but
from extproc.providers.client_headers import KNOWN_TO_APIS

KEPT = ("accept", "content-*", "content-type", "co", "x.y", ":*", "a]b", "a^b", "a\\b")


@pytest.mark.parametrize(
    "name",
    [
        *("accept", "content-", "content-x", "content-type", "co", "x.y"),
        *(":path", ":", "a]b", "a^b", "a\\b"),
    ],
)
def test_these_stay(name: str) -> None:
    assert re.fullmatch(all_but(KEPT), name) is None


@pytest.mark.parametrize(
    "name",
    ["", "a", "accep", "accept-x", "acceptx", "c", "con", "content", "xay", "xzy", "b", "a]", "é"],
)
def test_everything_else_goes(name: str) -> None:
    assert re.fullmatch(all_but(KEPT), name) is not None


def test_no_pattern_means_every_name() -> None:
    assert re.fullmatch(all_but([]), "")
    assert re.fullmatch(all_but([]), "anything")


def test_it_agrees_with_the_list_that_it_is_made_of() -> None:
    """On each name, each of its beginnings, and each with one more character."""
    gone = re.compile(all_but(KNOWN_TO_APIS))

    def stays(name: str) -> bool:
        return any(
            name.startswith(known[:-1]) if known.endswith("*") else name == known
            for known in KNOWN_TO_APIS
        )

    for known in KNOWN_TO_APIS:
        for length in range(len(known) + 1):
            for name in (known[:length], known[:length] + "~", known[:length] + "a"):
                assert (gone.fullmatch(name) is None) == stays(name), name
