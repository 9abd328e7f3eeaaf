"""What a client's body needs for another model of this dialect than it was written for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.traits import Thinking
from extproc.dialects.translation.common.efforts import nearest_effort, reasons
from extproc.dialects.translation.common.finding_losses import Losses
from extproc.dialects.translation.common.identifiers import token
from extproc.dialects.translation.responses.wire import is_made_here
from extproc.dialects.translation.translator import Adaptation, Target

__all__ = ["adapt", "is_mixed"]

_ENCRYPTED = "reasoning.encrypted_content"
_STORED = frozenset({"message", "function_call", "function_call_output"})
"""Items whose ids only the provider knows that made them, and which do as well without."""


def adapt(body: Mapping[str, Any], target: Target) -> Adaptation:
    """The members to change in a body for a model.

    Args:
        body: the parsed body, of this dialect; members of a wrong type are the provider's to judge.
        target: the model.
    """
    losses = Losses()
    members: dict[str, Any] = {}
    removed: set[str] = set()
    _limit(body, target, members, losses)
    if target.traits.sampling is False:
        for name in ("temperature", "top_p"):
            if body.get(name) is not None:
                removed.add(name)
                if body[name] != 1:
                    losses.add(f"dropped:{token(name)}", name, "the model does not take it")
    _reasoning(body, target, members, removed, losses)
    _history(body, target, members, losses)
    return Adaptation(members, frozenset(removed), losses.told())


def is_mixed(body: Mapping[str, Any]) -> bool:
    """Whether an item of the input has an id of ours: its answer was translated here."""
    items = body.get("input")
    return isinstance(items, list) and any(map(is_made_here, items))


def _limit(
    body: Mapping[str, Any], target: Target, members: dict[str, Any], losses: Losses
) -> None:
    name = "max_output_tokens"
    most, ceiling = body.get(name), target.traits.output_ceiling
    if isinstance(most, int) and ceiling is not None and most > ceiling:
        members[name] = ceiling
        losses.add("clamped:max_tokens", name, f"the model writes at most {ceiling}")


def _reasoning(
    body: Mapping[str, Any],
    target: Target,
    members: dict[str, Any],
    removed: set[str],
    losses: Losses,
) -> None:
    settings = body.get("reasoning")
    effort = settings.get("effort") if isinstance(settings, dict) else None
    if not reasons(target.traits):
        if isinstance(settings, dict):
            removed.add("reasoning")
            if settings and effort != "none":
                losses.add("dropped:effort", "reasoning", "the model does not reason")
        _no_encrypted(body, members, removed)
        return
    if isinstance(settings, dict) and isinstance(effort, str):
        known = nearest_effort(effort, target.traits.efforts)
        if known != effort:
            members["reasoning"] = {**settings, "effort": known}
            reason = f"the model knows no effort of {effort}"
            losses.add("clamped:effort", "reasoning.effort", reason)


def _no_encrypted(body: Mapping[str, Any], members: dict[str, Any], removed: set[str]) -> None:
    """A model that does not reason refuses to include its reasoning."""
    include = body.get("include")
    if not isinstance(include, list) or _ENCRYPTED not in include:
        return
    rest = [name for name in include if name != _ENCRYPTED]
    if rest:
        members["include"] = rest
    else:
        removed.add("include")


def _history(
    body: Mapping[str, Any], target: Target, members: dict[str, Any], losses: Losses
) -> None:
    items = body.get("input")
    if not isinstance(items, list) or not any(map(_may_be_refused, items)):
        return
    foreign = _is_foreign(body, target) or target.traits.thinking is Thinking.NONE
    kept = []
    for index, item in enumerate(items):
        made_here = is_made_here(item)
        if _is_reasoning(item) and (foreign or (made_here and not item.get("encrypted_content"))):
            reason = "it means nothing to another provider"
            losses.add("dropped:reasoning", f"input[{index}]", reason)
        elif made_here or (foreign and _is_stored(item)):
            kept.append({name: value for name, value in item.items() if name != "id"})
        else:
            kept.append(item)
    if kept != items:
        members["input"] = kept


def _may_be_refused(item: object) -> bool:
    return _is_reasoning(item) or is_made_here(item)


def _is_stored(item: object) -> bool:
    return isinstance(item, dict) and item.get("type") in _STORED and "id" in item


def _is_foreign(body: Mapping[str, Any], target: Target) -> bool:
    """Whether the body was written for a model of another provider, as far as its name says."""
    model = body.get("model")
    if not isinstance(model, str):
        return False
    provider, slash, _ = model.partition("/")
    return bool(slash) and provider != target.provider


def _is_reasoning(item: object) -> bool:
    return isinstance(item, dict) and item.get("type") == "reasoning"
