"""Every numbered case of translation has a test over the pair of dialects that it names."""

from __future__ import annotations

import re

from tests.dialects.translation import (
    test_cases_answers,
    test_cases_errors,
    test_cases_requests,
    test_cases_streams,
)

_MODULES = (test_cases_requests, test_cases_answers, test_cases_streams, test_cases_errors)
_LAST = 104


def test_no_number_is_missing() -> None:
    names = [name for module in _MODULES for name in vars(module)]
    numbers = [int(found[1]) for name in names if (found := re.match(r"test_case_(\d{3})_", name))]
    assert sorted(numbers) == list(range(1, _LAST + 1))
