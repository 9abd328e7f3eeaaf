"""Headers that usually carry a key, by their names."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["names_a_key"]

_KEY_NAMES: Final = re.compile(
    r"(?:^|[-_])(?:authorization|cookie|(?:api)?key|token|secret|password)$", re.IGNORECASE
)


def names_a_key(header: str) -> bool:
    """Whether the header of this name usually carries a key."""
    return _KEY_NAMES.search(header) is not None
