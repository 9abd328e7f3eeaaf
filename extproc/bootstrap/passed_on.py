"""Which of a client's headers pass on to providers.

One filter of the attempt listener removes what no provider is told, for an expression of that size
in every cluster would take 280 KB each. A cluster removes what is another provider's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from extproc.bootstrap.complement import all_but
from extproc.bootstrap.typed import regex
from extproc.contract import INTERNAL_PREFIX
from extproc.core.models import KEY_HEADERS, Model
from extproc.envoy_api.messages import HeaderMutationRemoveOnMatch, HeaderMutationStep
from extproc.providers.client_headers import ACCOUNT_HEADERS, KNOWN_TO_APIS

__all__ = ["forwarded_anywhere", "kept_from", "known_headers_only"]

_NEEDED_BY_ENVOY: Final = (":*", "host", f"{INTERNAL_PREFIX}*", "x-envoy-*")
"""What the filters behind still read; clusters remove what of it is not HTTP's own."""


def forwarded_anywhere(models: Iterable[Model]) -> frozenset[str]:
    """What any entry adds to what all providers are told."""
    return frozenset(name for model in models for name in model.forward_headers)


def known_headers_only(models: Iterable[Model]) -> HeaderMutationStep:
    """Removes from an attempt what no provider is told."""
    told = (*KNOWN_TO_APIS, *KEY_HEADERS, *ACCOUNT_HEADERS, *sorted(forwarded_anywhere(models)))
    return _all_but((*_NEEDED_BY_ENVOY, *told))


def kept_from(model: Model, forwarded: frozenset[str]) -> list[HeaderMutationStep]:
    """What this model's provider is not told, although others are.

    Args:
        model: the model.
        forwarded: what the entries name, see :func:`forwarded_anywhere`.
    """
    keys = (*KEY_HEADERS, *ACCOUNT_HEADERS)
    if forwarded - set(model.forward_headers):
        told = (":*", "host", *KNOWN_TO_APIS, *model.forward_headers, *keys)
        steps = [_all_but(told)]
    else:
        steps = []
    if model.client_key is None:
        steps += [HeaderMutationStep(remove=name) for name in keys]
    return steps


def _all_but(names: Iterable[str]) -> HeaderMutationStep:
    return HeaderMutationStep(
        remove_on_match=HeaderMutationRemoveOnMatch(key_matcher=regex(all_but(names)))
    )
