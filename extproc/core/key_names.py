"""Headers that usually carry a key, by their names."""

from __future__ import annotations

import re
from typing import Final

from extproc.core.models import KEY_HEADERS

__all__ = ["CREDENTIALS", "names_a_key"]

_KEY_NAMES: Final = re.compile(
    r"(?:^|[-_])(?:authorization|cookie|(?:api)?key|token|secret|password)$", re.IGNORECASE
)

CREDENTIALS: Final = (
    *KEY_HEADERS,
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-auth-token",
    "x-goog-api-key",
)
"""Headers that hold credentials and nothing else."""


def names_a_key(header: str) -> bool:
    """Whether the header of this name usually carries a key."""
    return _KEY_NAMES.search(header) is not None
