"""How prices are written down, one row for each format; each has a module that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from extproc.core.sources import PriceFormat
from extproc.sources import digitalocean, models_dev, own_prices
from extproc.sources.fetching import NextPage
from extproc.sources.listing import Listing

__all__ = ["FORMATS", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of prices.

    ``provider`` is what the configuration and logs call a source that has it. ``parse`` reads the
    pages that were fetched, and raises ``MalformedError`` if they are not in this format.
    ``next_page`` finds the address of what follows a page, None where a document is one page.
    """

    provider: str
    parse: Callable[[Sequence[bytes]], Listing]
    next_page: NextPage | None = None


FORMATS: Final[Mapping[PriceFormat, Format]] = MappingProxyType(
    {
        PriceFormat.DIGITALOCEAN: Format(
            "digitalocean", digitalocean.parse, digitalocean.next_page
        ),
        PriceFormat.MODELS_DEV: Format("models.dev", models_dev.parse),
        PriceFormat.OWN: Format("custom", own_prices.parse),
    }
)
