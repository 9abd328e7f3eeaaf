"""What the replies that are no provider's are called."""

from __future__ import annotations

import pytest

from extproc.contract import DOOR, NO_ANSWER, REPLY_DETAILS
from extproc.core.own_replies import (
    OF_LIMITS,
    VERDICTS,
    VERDICTS_ON_HELD,
    code_in,
    details_of,
    reply_code,
)


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ("via_upstream", None),
        (REPLY_DETAILS, ""),
        (f"{REPLY_DETAILS}{{error_first}}", "error_first"),
    ],
)
def test_the_code_of_a_reply_of_ours(details: str, code: str | None) -> None:
    assert reply_code(details) == code


@pytest.mark.parametrize("name", [DOOR, NO_ANSWER, REPLY_DETAILS])
@pytest.mark.parametrize("code", ["", "api_key"])
def test_the_code_that_was_put_in_is_found_again(name: str, code: str) -> None:
    assert code_in(details_of(name, code), name) == code


def test_details_of_somebody_else_have_no_code() -> None:
    assert code_in(details_of(DOOR, "api_key"), NO_ANSWER) is None
    assert details_of(REPLY_DETAILS, None) == REPLY_DETAILS


def test_no_name_says_two_things() -> None:
    assert not VERDICTS & VERDICTS_ON_HELD
    assert not OF_LIMITS & (VERDICTS | VERDICTS_ON_HELD)
