"""From a model's id to what is known of the model.

One model goes by many ids: dated (``claude-sonnet-4-5-20250929``), with its maker before it
(``anthropic/claude-sonnet-4.5``, ``us.anthropic.claude-sonnet-4-5-20250929-v1:0``), with a variant
behind it (``:free``, ``@20250929``, ``[1m]``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import translate
from functools import lru_cache
from typing import Final

from extproc.core.traits import UNKNOWN, Traits
from extproc.providers.families import FAMILIES

__all__ = ["traits_of"]

_PLACE: Final = re.compile(r"^(?:[a-z-]+\.)+(?=[a-z])")
"""Bedrock's region and maker: ``us.anthropic.``."""

_VARIANT: Final = re.compile(r"[:@\[].*$", re.DOTALL)

_NUMBER_FIRST: Final = re.compile(r"^claude-(\d)[.-](\d)-(opus|sonnet|haiku)\b")
_LATER_CLAUDE: Final = 4

_LONG: Final = "[1m]"
"""How clients of Anthropic's ask for a model with the long context window."""
_LONG_WINDOW: Final = 1_000_000

_REMEMBERED: Final = 1024
"""Ids: where a wildcard covers them, clients choose them."""


def _specificity(pattern: str, provider: str | None) -> tuple[int, bool]:
    return len(pattern.replace("*", "")), provider is not None


_ROWS: Final = tuple(
    (re.compile(translate(pattern)), family.provider, family.traits)
    for pattern, family in sorted(
        ((pattern, family) for family in FAMILIES for pattern in family.patterns),
        key=lambda row: _specificity(row[0], row[1].provider),
    )
)
"""The least specific pattern first: later ones know better."""


@lru_cache(_REMEMBERED)
def traits_of(provider: str, model_id: str) -> Traits:
    """What is known of a model; unknown for one that no family fits.

    Args:
        provider: the provider's name (``openai``, ``openrouter``).
        model_id: what the provider calls the model.
    """
    name = _name(model_id)
    found = UNKNOWN
    for pattern, of_provider, traits in _ROWS:
        if of_provider in (None, provider) and pattern.match(name):
            found = found.overridden_by(traits)
    if model_id.lower().endswith(_LONG) and found is not UNKNOWN:
        found = replace(found, context_window=_LONG_WINDOW)
    return found


def _name(model_id: str) -> str:
    """The id as the families' patterns spell it."""
    last = model_id.lower().rpartition("/")[2]
    name = _PLACE.sub("", _VARIANT.sub("", last))
    if not name.startswith("claude-"):
        return name
    name = name.replace(".", "-")
    numbered = _NUMBER_FIRST.match(name)
    if numbered and int(numbered[1]) >= _LATER_CLAUDE:
        # claude-4-6-opus: the order of Claude 3 with the number of a later one
        rest = name[numbered.end() :]
        return f"claude-{numbered[3]}-{numbered[1]}-{numbered[2]}{rest}"
    return name
