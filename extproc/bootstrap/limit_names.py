"""What limits go by in Envoy: the headers that name a request's model and its route."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from extproc.contract import MODEL, ROUTE, header_safe
from extproc.core.models import WILDCARD

__all__ = ["HEADERS", "one_of"]

HEADERS: Final[Mapping[str, str]] = {"model": MODEL, "route": ROUTE}


def one_of(names: Iterable[str]) -> str:
    """An expression for names as headers have them; one that ends in a star is a beginning."""
    return "|".join(
        f"{re.escape(header_safe(name.removesuffix(WILDCARD)))}.*"
        if name.endswith(WILDCARD)
        else re.escape(header_safe(name))
        for name in names
    )
