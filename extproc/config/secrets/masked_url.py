"""How a configuration's URL of a Redis server or a proxy is shown: without its password."""

from __future__ import annotations

import re
from typing import Final

from extproc.config.environment import reference

__all__ = ["masked_url"]

# As far as the last @: a password that should have been percent-encoded is hidden all the same.
# A proxy may take a token where others take a name.
_PASSWORD: Final = re.compile(
    r"^((?:rediss?|unix)://[^:@/]*:|(?!rediss?://|unix://)(?:https?://)?(?:[^:@/]*:)?)(.+)(?=@)"
)


def masked_url(url: str) -> str:
    """The URL as a file writes it, without a password that is written out."""
    found = _PASSWORD.search(url)
    if found is None or reference(found[2]):
        return url
    return f"{found[1]}***{url[found.end() :]}"
