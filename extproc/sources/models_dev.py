"""The catalogue of models.dev: prices in US dollars per million tokens, by provider and model.

``{provider: {"id", "models": {id: {"id", "cost": {"input", "output", "cache_read", ...}}}}}``, as
the schema in its repository says (``packages/core/src/schema.ts``); a model need not have a
``cost``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from extproc.ranking.snapshot import Price
from extproc.sources.listing import (
    Entry,
    EntryError,
    Fault,
    Listing,
    amount,
    json_object,
)

__all__ = ["parse"]

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
    price_in, price_out = amount(cost, "input"), amount(cost, "output")
    cached = amount(cost, "cache_read")
    if price_in is None or price_out is None:
        return None
    return Price(price_in, price_out, cached)
