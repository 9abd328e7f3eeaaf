"""DigitalOcean's public catalogue of models, ``/v2/gen-ai/models/catalog``.

It comes in pages: ``{"data": [{"model_id", "creator", "pricing": {"input_price_per_million",
...}}], "links": {"pages": {"next"}}, "meta": {"page", "pages"}}``.

**The scale.** The fields say *per million*, but the values have been US dollars per single token:
``2.5e-06`` for what costs $2.50 per million. Should that be mended one day, multiplying would make
every price wrong by a factor of a million, so the scale is read off the values. What is sold today
costs between about $0.01 and $1,000 per million tokens, which is 1e-8 to 1e-3 per token: the two
ranges do not meet. The median of all positive prices decides, so that no single odd value can. A
price that is then far out of the range is a fault of its entry: it is on the other scale than the
rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from extproc.ranking.snapshot import Price
from extproc.sources.listing import (
    Entry,
    EntryError,
    Fault,
    Listing,
    MalformedError,
    amount,
    json_object,
)

__all__ = ["next_page", "parse"]

_INPUT: Final = "input_price_per_million"
_OUTPUT: Final = "output_price_per_million"
_CACHED: Final = ("cache_read_input_price_per_million", "input_cache_read")
_WRITTEN: Final = ("cache_write_5m_input_price_per_million",)
_WRITTEN_1H: Final = ("cache_write_1h_input_price_per_million",)
_TOKENS: Final = 1_000_000
_LARGEST_PER_TOKEN: Final = 1e-3
_CHEAPEST: Final = 1e-4
_DEAREST: Final = 1e4
"""In US dollars per million tokens, with room to spare on both sides."""


def parse(pages: Sequence[bytes]) -> Listing:
    """Read all pages of the catalogue.

    Raises:
        MalformedError: one of them is none.
    """
    models = [model for page in pages for model in _models(json_object(page))]
    scale = _scale(models)
    entries: list[Entry] = []
    faults: list[Fault] = []
    for number, model in enumerate(models):
        try:
            entry = _entry(model, scale)
        except EntryError as error:
            faults.append(Fault(_model_id(model) or f"data[{number}]", str(error)))
        else:
            entries += [] if entry is None else [entry]
    return Listing(tuple(entries), tuple(faults))


def next_page(page: bytes, url: str) -> str | None:
    """Where the catalogue goes on, None at its end or where the page is none.

    Args:
        page: the body that ``url`` answered with.
        url: its address.

    Raises:
        MalformedError: the page is none, or it says to go on elsewhere than at the same origin.
    """
    document = json_object(page)
    links, meta = document.get("links"), document.get("meta")
    pages = links.get("pages") if isinstance(links, dict) else None
    following = pages.get("next") if isinstance(pages, dict) else None
    if isinstance(following, str) and following:
        target = urljoin(url, following)
        if urlsplit(target)[:2] != urlsplit(url)[:2]:
            raise MalformedError("goes on at another address")
        return target
    number, count = (_whole(meta, key) for key in ("page", "pages"))
    return None if not 0 < number < count else _with_page(url, number + 1)


def _whole(meta: Any, key: str) -> int:
    value = meta.get(key) if isinstance(meta, dict) else None
    return value if isinstance(value, int) else 0


def _with_page(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    return parts._replace(query=urlencode([*query, ("page", str(number))])).geturl()


def _models(page: Mapping[str, Any]) -> list[Any]:
    models = page.get("data")
    if not isinstance(models, list):
        raise MalformedError("has no list under data")
    return models


def _scale(models: Sequence[Any]) -> float:
    """What to multiply the catalogue's values by to have prices per million tokens."""
    stated = [value for model in models for value in _positive(model)]
    return _TOKENS if stated and median(stated) < _LARGEST_PER_TOKEN else 1


def _positive(model: Any) -> Iterator[float]:
    pricing = model.get("pricing") if isinstance(model, dict) else None
    stated = map(pricing.get, (_INPUT, _OUTPUT)) if isinstance(pricing, dict) else ()
    for value in stated:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            yield value


def _model_id(model: Any) -> str:
    model_id = model.get("model_id") if isinstance(model, dict) else None
    return model_id if isinstance(model_id, str) else ""


def _entry(model: Any, scale: float) -> Entry | None:
    if not (model_id := _model_id(model)):
        raise EntryError("has no model_id")
    pricing, creator = model.get("pricing"), model.get("creator")
    if pricing is None:
        return None
    if not isinstance(pricing, dict):
        raise EntryError("pricing is no mapping")
    price_in, price_out = (_on_scale(pricing, key, scale) for key in (_INPUT, _OUTPUT))
    cached, written, for_an_hour = (
        next((value for key in keys if (value := _on_scale(pricing, key, scale)) is not None), None)
        for keys in (_CACHED, _WRITTEN, _WRITTEN_1H)
    )
    if price_in is None or price_out is None:
        return None
    price = Price(price_in, price_out, cached, written, for_an_hour)
    return Entry(model_id, price, creator if isinstance(creator, str) else "", model_id)


def _on_scale(pricing: Mapping[str, Any], key: str, scale: float) -> float | None:
    value = amount(pricing, key, scale)
    if value and not _CHEAPEST <= value <= _DEAREST:
        raise EntryError(f"{key} is on another scale than the rest of the catalogue")
    # As it was meant: 2.5e-06 times a million is 2.5 but for the last bit.
    return None if value is None else round(value, 9)
