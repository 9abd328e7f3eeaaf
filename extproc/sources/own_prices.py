"""Price lists of one's own, from an address (JSON) or a file (JSON or YAML).

The form is Plano's ``cost_metrics``: an object that maps each model to ``input_per_million`` and
``output_per_million``, in US dollars per million tokens, and here also to those of further kinds of
tokens, such as ``cached_input_per_million``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from extproc.document import read_document
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

__all__ = ["parse", "parse_yaml"]

_INPUT: Final = "input_per_million"
_OUTPUT: Final = "output_per_million"


def parse(pages: Sequence[bytes]) -> Listing:
    """Read a list in JSON.

    Raises:
        MalformedError: it is none.
    """
    return _listing(json_object(b"".join(pages)))


def parse_yaml(pages: Sequence[bytes]) -> Listing:
    """Read a list in YAML.

    Raises:
        MalformedError: it is none.
    """
    try:
        text = b"".join(pages).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedError("is not UTF-8 text") from None
    try:
        value, problems = read_document(text)
    except RecursionError:
        raise MalformedError("is nested too deeply") from None
    if value is None:
        raise MalformedError("; ".join(map(str, problems)) or "is empty")
    if not isinstance(value, dict):
        raise MalformedError("is no mapping of models to prices")
    return _listing(value, [Fault("the list", f"{each}; the last one counts") for each in problems])


def _listing(prices: Mapping[Any, Any], faults: Sequence[Fault] = ()) -> Listing:
    entries, found = [], [*faults]
    for name, rates in prices.items():
        try:
            entries.append(_entry(name, rates))
        except EntryError as error:
            found.append(Fault(str(name), str(error)))
    return Listing(tuple(entries), tuple(found))


def _entry(name: Any, rates: Any) -> Entry:
    if not isinstance(name, str):
        raise EntryError("the name of a model must be a string")
    if not isinstance(rates, dict):
        raise EntryError("is no mapping of prices")
    price_in, price_out = amount(rates, _INPUT), amount(rates, _OUTPUT)
    if price_in is None or price_out is None:
        missing = _INPUT if price_in is None else _OUTPUT
        raise EntryError(f"{missing} is missing")
    creator, _, model_id = name.partition("/")
    price = Price(
        price_in,
        price_out,
        cached_input=amount(rates, "cached_input_per_million"),
        cache_write=amount(rates, "cache_write_per_million"),
        cache_write_1h=amount(rates, "cache_write_1h_per_million"),
        reasoning=amount(rates, "reasoning_per_million"),
        input_audio=amount(rates, "input_audio_per_million"),
        output_audio=amount(rates, "output_audio_per_million"),
    )
    return Entry(name, price, creator, model_id) if model_id else Entry(name, price, "", name)
