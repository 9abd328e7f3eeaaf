"""What the replies that are no provider's are called."""

from __future__ import annotations

import pytest

from extproc.contract import REPLY_DETAILS
from extproc.core.own_replies import OF_LIMITS, VERDICTS, VERDICTS_ON_HELD, reply_code


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


def test_no_name_says_two_things() -> None:
    assert not VERDICTS & VERDICTS_ON_HELD
    assert not OF_LIMITS & (VERDICTS | VERDICTS_ON_HELD)
