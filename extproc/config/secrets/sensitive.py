"""Which of a configuration's secrets no output may hold, also where a message quotes the file."""

from __future__ import annotations

import re
from typing import Final

from extproc.core.config import Secrets
from extproc.core.redis_url import is_public

__all__ = ["sensitive"]

# Shorter keys are stand-ins such as "ollama", and the name of a variable is no key: hiding these
# would only garble the message.
_SECRET_LENGTH: Final = 8
_VARIABLE: Final = re.compile(r"[A-Z][A-Z_]*_[A-Z_]+")


def sensitive(secrets: Secrets) -> list[str]:
    """The values that no output may hold, the longest first."""
    return sorted(filter(_is_secret, secrets.values.values()), key=len, reverse=True)


def _is_secret(value: str) -> bool:
    return len(value) >= _SECRET_LENGTH and not _VARIABLE.fullmatch(value) and not is_public(value)
