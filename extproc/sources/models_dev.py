"""The catalogue of models.dev: prices in US dollars per million tokens, by provider and model.

``{provider: {"id", "models": {id: {"id", "cost": {"input", "output", "cache_read", ...}}}}}``, as
the schema in its repository says (``packages/core/src/schema.ts``); a model need not have a
``cost``. Large requests may have prices of their own: ``tiers`` with a ``size`` from which each
counts, or the earlier ``context_over_200k``. ``cache_write`` is for what stays in the cache for the
provider's usual time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from extproc.ranking.snapshot import Price, Tier
from extproc.sources.listing import (
    Entry,
    EntryError,
    Fault,
    Listing,
    amount,
    json_object,
)

__all__ = ["parse"]

_OVER_200K: Final = 200_000

_PROVIDERS: Final[Mapping[str, str]] = {
    "google": "gemini",
    "azure": "azure_openai",
    "amazon-bedrock": "amazon_bedrock",
    "togetherai": "together_ai",
    "fireworks-ai": "fireworks",
    "zhipuai": "zhipu",
    "alibaba": "qwen",
}
"""Providers that have another name here: https://github.com/anomalyco/models.dev has a folder for
each, under ``providers``."""


def parse(pages: Sequence[bytes]) -> Listing:
    """Read the catalogue.

    Raises:
        MalformedError: it is none.
    """
    found = [*_read(json_object(b"".join(pages)))]
    return Listing(
        tuple(item for item in found if isinstance(item, Entry)),
        tuple(item for item in found if isinstance(item, Fault)),
    )


def _read(catalogue: Mapping[str, Any]) -> Iterator[Entry | Fault]:
    for provider, offer in catalogue.items():
        models = offer.get("models") if isinstance(offer, dict) else None
        if not isinstance(models, dict):
            yield Fault(provider, "has no mapping of models")
            continue
        for model_id, model in models.items():
            key = f"{provider}/{model_id}"
            try:
                price = _price(model)
            except EntryError as error:
                yield Fault(key, str(error))
            else:
                if price is not None:
                    yield Entry(key, price, provider, model_id, _PROVIDERS.get(provider, ""))


def _price(model: Any) -> Price | None:
    cost = model.get("cost") if isinstance(model, dict) else model
    if cost is None and isinstance(model, dict):
        return None
    if not isinstance(cost, dict):
        raise EntryError("is no mapping" if cost is model else "cost is no mapping")
    price = _rates(cost)
    return None if price is None else replace(price, tiers=tuple(_tiers(cost)))


def _rates(cost: Mapping[str, Any]) -> Price | None:
    price_in, price_out = amount(cost, "input"), amount(cost, "output")
    if price_in is None or price_out is None:
        return None
    return Price(
        price_in,
        price_out,
        amount(cost, "cache_read"),
        cache_write=amount(cost, "cache_write"),
        reasoning=amount(cost, "reasoning"),
        input_audio=amount(cost, "input_audio"),
        output_audio=amount(cost, "output_audio"),
    )


def _tiers(cost: Mapping[str, Any]) -> list[Tier]:
    """The prices of large requests, the smallest first."""
    tiers = cost.get("tiers")
    found: list[tuple[Any, Any]] = [(_OVER_200K, cost.get("context_over_200k"))]
    if isinstance(tiers, list) and tiers:
        sized = [(each, each.get("tier")) for each in tiers if isinstance(each, dict)]
        found = [(of.get("size"), each) for each, of in sized if isinstance(of, dict)]
    priced = [
        Tier(size, price)
        for size, each in found
        if type(size) is int and size > 0 and isinstance(each, dict)
        if (price := _rates(each)) is not None
    ]
    return sorted(priced, key=lambda tier: tier.above)
