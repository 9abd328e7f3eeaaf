"""How hard the fuzzer tries: the same examples each time, or new ones for as long as one likes.

``make fuzz`` runs the tests of this folder again and again with examples of its own choosing, each
time many more of them. What fails is kept in ``.hypothesis`` and tried first the next time.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

__all__ = ["examples"]

_THOROUGH: Final = os.environ.get("FUZZ") == "thorough"


def examples(count: int) -> settings:
    """The settings of a test: so many examples in CI, 20 times as many by ``make fuzz``."""
    return settings(
        max_examples=count * 20 if _THOROUGH else count,
        derandomize=not _THOROUGH,
        database=settings().database if _THOROUGH else None,
        print_blob=True,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
    )
