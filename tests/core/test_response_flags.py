"""Envoy's response flags, and what they mean."""

from __future__ import annotations

import pytest
from envoy_data_plane.envoy.data.accesslog.v3 import ResponseFlags

from extproc.core.response_flags import (
    FLAGS,
    breaks_off,
    flags_in_words,
    flags_of_lost_connections,
    gives_up,
)


def test_a_connection_is_lost_where_envoy_says_so_and_nowhere_else() -> None:
    assert set(flags_of_lost_connections()) == {"UF", "UC", "UR"}


def test_flags_have_envoys_names() -> None:
    assert set(FLAGS) <= set(ResponseFlags.__dataclass_fields__)
    assert len({flag.short for flag in FLAGS.values()}) == len(FLAGS)


@pytest.mark.parametrize(
    ("flags", "words"),
    [("", ""), ("-", ""), ("UC", "reset"), ("UF,URX", "no connection,URX"), ("NEW", "NEW")],
)
def test_flags_in_words(flags: str, words: str) -> None:
    assert flags_in_words(flags) == words


@pytest.mark.parametrize(
    ("flags", "broke_off", "gave_up"),
    [
        ("UT", True, True),
        ("DC,SI", True, True),
        ("LR", True, False),
        ("UF", False, False),
        ("-", False, False),
        ("", False, False),
        ("NEW", False, False),
    ],
)
def test_what_flags_say_of_an_answer(flags: str, *, broke_off: bool, gave_up: bool) -> None:
    assert (breaks_off(flags), gives_up(flags)) == (broke_off, gave_up)
