"""A text in which lookalikes are what they look like, and nothing invisible stands between.

Full-width signs and the digits of other scripts are read as ASCII's; characters without a width,
which people and attackers put into addresses, are left out.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

__all__ = ["folded"]

_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_VISIBLE: Final = re.compile(f"[^{_INVISIBLE}]")
_HYPHENS: Final = "\u2010\u2011\u2012\u2013\u2212"
_SPACES: Final = "\u00a0\u2007\u2009\u202f\u3000"


@cache
def _lookalikes() -> dict[int, str]:
    """One character each, so that places stay what they are."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= {ord(sign): "-" for sign in _HYPHENS} | {ord(sign): " " for sign in _SPACES}
    for code in range(0x80, sys.maxunicode):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = str(int(digit))
    return table


@cache
def _foldable() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What there is something to fold in: two, because a set of characters is searched for quickly
    only where all have 16 bits. What has more (emoji, mathematical digits) is rare."""
    within = "".join(chr(code) for code in _lookalikes() if code < 0x10000)
    return re.compile(f"[{_INVISIBLE}{within}]"), re.compile("[\U00010000-\U0010ffff]")


def _has_lookalikes(text: str) -> bool:
    return not text.isascii() and any(each.search(text) for each in _foldable())


def folded(text: str) -> tuple[str, Sequence[int] | None]:
    """The text to look at, and where each of its characters stands in the one that was given.

    Returns:
        The text, and None where all stand where they stood.
    """
    if not _has_lookalikes(text):
        return text, None
    if any(sign in text for sign in _INVISIBLE):
        places = [visible.start() for visible in _VISIBLE.finditer(text)]
        return "".join([text[place] for place in places]).translate(_lookalikes()), places
    return text.translate(_lookalikes()), None
