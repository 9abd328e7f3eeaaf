"""The models that clients may ask for, and the part of them that a client asked to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from extproc.core.config import Config
from extproc.core.faults import Fault
from extproc.core.wildcards import wildcards
from extproc.dialects.model_lists import ListedModel, Page
from extproc.errors import ClientError
from extproc.providers import OWN_MODELS

__all__ = ["Paging", "listed", "page", "read_paging"]

_ALIAS_OWNER = "dragoman"
_LARGEST_PAGE = 1000
"""Anthropic's own bound: https://docs.anthropic.com/en/api/models-list."""


def listed(config: Config, priced: Iterable[str]) -> tuple[ListedModel, ...]:
    """Every name that leads to a model and that is known: never a pattern.

    Declared models come in their order, wildcards with the ids that are known of their provider,
    aliases last.

    Args:
        config: declares models and aliases.
        priced: names of models that a source of prices knows, those that wildcards cover included.
    """
    covered = _covered(config, priced)
    owners: dict[str, str] = {}
    for model in config.models:
        for name in covered[model.name] if model.is_wildcard else (model.name,):
            owners.setdefault(name, model.provider)
    for alias in config.aliases:
        owners.setdefault(alias, _ALIAS_OWNER)
    return tuple(ListedModel(name, owner) for name, owner in owners.items())


def _covered(config: Config, priced: Iterable[str]) -> Mapping[str, list[str]]:
    """For each wildcard entry the names of the models that it is known to serve."""
    entries = {model.name: model for model in config.models if model.is_wildcard}
    covering = wildcards((name, f"{model.provider}/*") for name, model in entries.items())
    found: dict[str, list[str]] = {}
    for prefix, name in covering.by_name.items():
        own = OWN_MODELS.get(entries[name].provider)
        found[name] = [f"{prefix}/{model_id}" for model_id in (own.known if own else ())]
    for name in sorted(priced):
        model = covering.named(name)
        if model is not None:
            found[model.entry].append(model.name)
    return found


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted: at most ``limit`` (None: all) after or before a model."""

    limit: int | None = None
    after: str | None = None
    before: str | None = None


def read_paging(query: str, limit: int | None) -> Paging:
    """Read ``limit``, ``after_id`` and ``before_id``.

    Args:
        query: of the URL, without its question mark.
        limit: the limit where none is asked for.

    Raises:
        ClientError: the limit is no number from 1 to 1000, or both ends are given (400).
    """
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    text = asked.get("limit")
    if text is not None:
        limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
        if not 1 <= limit <= _LARGEST_PAGE:
            message = f"'limit' must be a whole number from 1 to {_LARGEST_PAGE}."
            raise ClientError(400, message, param="limit", reason=Fault.INVALID_PAGE)
    after, before = asked.get("after_id"), asked.get("before_id")
    if after is not None and before is not None:
        message = "Only one of 'after_id' and 'before_id' can be given."
        raise ClientError(400, message, reason=Fault.INVALID_PAGE)
    return Paging(limit, after, before)


def page(models: tuple[ListedModel, ...], paging: Paging) -> Page:
    """The part of a list that is wanted.

    Raises:
        ClientError: ``after`` or ``before`` names no model of the list (400).
    """
    if paging.before is not None:
        rest = models[: _position(models, paging.before, "before_id")]
        first = 0 if paging.limit is None else max(len(rest) - paging.limit, 0)
        return Page(rest[first:], has_more=first > 0)
    begin = 0 if paging.after is None else _position(models, paging.after, "after_id") + 1
    rest = models[begin:]
    end = len(rest) if paging.limit is None else paging.limit
    return Page(rest[:end], has_more=end < len(rest))


def _position(models: tuple[ListedModel, ...], model_id: str, param: str) -> int:
    for position, model in enumerate(models):
        if model.id == model_id:
            return position
    message = f"'{param}' names no model of the list: '{model_id}'."
    raise ClientError(400, message, param=param, reason=Fault.INVALID_PAGE)
