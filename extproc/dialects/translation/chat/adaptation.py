"""What a chat request needs for a model that it was not written for.

Providers of one dialect differ in their models: see ``Traits``. What is only spelled otherwise is
no loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.core.traits import Traits
from extproc.dialects.translation.chat.conventions import THOUGHTS
from extproc.dialects.translation.chat.naming import OPENAI, limit_member
from extproc.dialects.translation.common.efforts import nearest_effort, reasons
from extproc.dialects.translation.losses import Loss
from extproc.dialects.translation.translator import Adaptation, Target

__all__ = ["adapt", "is_mixed"]

_LIMITS: Final = ("max_completion_tokens", "max_tokens")
"""The first one counts."""
_EFFORT: Final = "effort"
_SAMPLING: Final[Mapping[str, object]] = {"temperature": 1, "top_p": 1, "top_k": None}
"""What a model without sampling refuses, and the value that asks for nothing."""


class _Changes:
    """What is changed of one body."""

    __slots__ = ("body", "losses", "members", "removed")

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        self.members: dict[str, Any] = {}
        self.removed: set[str] = set()
        self.losses: list[Loss] = []

    def remove(self, name: str, reason: str, *, lost: str | None) -> None:
        """Take a member out; ``lost`` is what a loss calls it, None where nothing is lost."""
        self.removed.add(name)
        if lost is not None:
            self.losses.append(Loss(f"dropped:{lost}", name, reason=reason))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _adapt_limit(changes: _Changes, target: Target) -> None:
    given = [name for name in _LIMITS if changes.body.get(name) is not None]
    if not given:
        return
    wanted, value = limit_member(target.provider), changes.body[given[0]]
    ceiling = target.traits.output_ceiling
    if ceiling is not None and _is_count(value) and value > ceiling:
        reason = f"the model writes at most {ceiling} tokens"
        changes.losses.append(Loss("clamped:max_tokens", given[0], reason=reason))
        value = ceiling
    changes.removed.update(name for name in given if name != wanted)
    if changes.body.get(wanted) != value:
        changes.members[wanted] = value


def _adapt_sampling(changes: _Changes, traits: Traits) -> None:
    if traits.sampling is False:
        for name, neutral in _SAMPLING.items():
            value = changes.body.get(name)
            if value is not None:
                changes.remove(
                    name, "the model does not take it", lost=None if value == neutral else name
                )
    stop = changes.body.get("stop")
    if traits.stop is False and stop is not None:
        lost = None if stop in ("", []) else "stop"
        changes.remove("stop", "the model takes no stop sequences", lost=lost)


def _adapt_effort(changes: _Changes, traits: Traits) -> None:
    effort, name = changes.body.get("reasoning_effort"), "reasoning_effort"
    if not isinstance(effort, str):
        return
    known = traits.efforts
    if not reasons(traits):
        changes.remove(
            name, "the model does not reason on request", lost=None if effort == "none" else _EFFORT
        )
        return
    if traits.tool_reasoning is False and changes.body.get("tools") and effort != "none":
        reason = "the model refuses reasoning together with tools on chat"
        if known and "none" in known:
            changes.members[name] = "none"
            changes.losses.append(Loss(f"clamped:{_EFFORT}", name, reason=reason))
        else:
            changes.remove(name, reason, lost=_EFFORT)
        return
    nearest = nearest_effort(effort, known)
    if nearest != effort:
        changes.members[name] = nearest
        reason = f"the model knows the efforts {', '.join(known or ())}"
        changes.losses.append(Loss(f"clamped:{_EFFORT}", name, reason=reason))


def _adapt_messages(changes: _Changes, target: Target) -> None:
    messages = changes.body.get("messages")
    if not isinstance(messages, list):
        return
    if target.provider in OPENAI:
        _leave_thoughts(changes, messages)
    else:
        _rename_developers(changes, messages)


def _leave_thoughts(changes: _Changes, messages: list[Any]) -> None:
    """What another provider's model thought, which the client got from it and gives back."""
    thought = next((i for i, message in enumerate(messages) if _thinks(message)), None)
    if thought is None:
        return
    changes.members["messages"] = [
        {name: value for name, value in message.items() if name != THOUGHTS}
        if _thinks(message)
        else message
        for message in messages
    ]
    reason = "the model does not take back what was thought before"
    changes.losses.append(Loss("dropped:reasoning", f"messages[{thought}]", reason=reason))


def is_mixed(body: Mapping[str, Any]) -> bool:
    """Whether a message tells what its model thought, as only some providers' answers do."""
    messages = body.get("messages")
    return isinstance(messages, list) and any(map(_thinks, messages))


def _thinks(message: object) -> bool:
    return isinstance(message, dict) and THOUGHTS in message


def _rename_developers(changes: _Changes, messages: list[Any]) -> None:
    """OpenAI's newer name for the system is an error at most other providers."""
    if any(_is_developers(message) for message in messages):
        changes.members["messages"] = [
            {**message, "role": "system"} if _is_developers(message) else message
            for message in messages
        ]


def _is_developers(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") == "developer"


def adapt(body: Mapping[str, Any], target: Target) -> Adaptation:
    """What must change in a client's chat body for another model, see ``Translator.adapt``."""
    changes = _Changes(body)
    _adapt_limit(changes, target)
    _adapt_sampling(changes, target.traits)
    _adapt_effort(changes, target.traits)
    _adapt_messages(changes, target)
    return Adaptation(changes.members, frozenset(changes.removed), tuple(changes.losses))
