"""What a body in Anthropic's dialect needs for another of Anthropic's models than it names.

Malformed members stay as they are: the provider judges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.traits import Thinking
from extproc.dialects.translation.common.finding_losses import Losses, dropped
from extproc.dialects.translation.form import ReasoningSettings
from extproc.dialects.translation.losses import Loss
from extproc.dialects.translation.messages.sampling import SAMPLING_DEFAULTS, refuses_sampling
from extproc.dialects.translation.messages.signatures import UNSIGNED, signed
from extproc.dialects.translation.messages.thinking import (
    UNTHOUGHT,
    goes_on_unthought,
    known_effort,
    told_to_think,
)
from extproc.dialects.translation.translator import Adaptation, Target

__all__ = ["adapt", "is_mixed"]

_Body = Mapping[str, Any]


def _object(body: _Body, name: str) -> _Body:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class _Adapting:
    """Changes to one body. The methods run in the order in which they depend on each other."""

    def __init__(self, body: _Body, target: Target) -> None:
        self.body = body
        self.traits = target.traits
        self.target = target
        self.members: dict[str, Any] = {}
        self.removed: set[str] = set()
        self.losses = Losses()

    def limit(self) -> None:
        """``max_tokens`` within what the model writes."""
        wanted, ceiling = _integer(self.body.get("max_tokens")), self.traits.output_ceiling
        if wanted is not None and ceiling is not None and wanted > ceiling:
            self.members["max_tokens"] = ceiling
            reason = f"the model writes at most {ceiling:,} tokens"
            self.losses.put(Loss("clamped:max_tokens", "max_tokens", reason=reason))

    def _remove(self, name: str, lost: str, reason: str) -> None:
        self.removed.add(name)
        self.losses.put(dropped(lost, name, reason))

    def _set_config(self, effort: str | None) -> None:
        """``output_config`` with another effort, or without."""
        config = {k: v for k, v in _object(self.body, "output_config").items() if k != "effort"}
        if effort is not None:
            config["effort"] = effort
        if config:
            self.members["output_config"] = config
        elif "output_config" in self.body:
            self.removed.add("output_config")

    def think(self) -> None:
        """Adaptive thinking or a budget, as the model is told to."""
        given = _object(self.body, "thinking")
        kind, style = given.get("type"), self.traits.thinking
        if kind not in ("enabled", "adaptive") or style is None:
            return
        if style is Thinking.NONE or style is Thinking.EFFORT:
            self._remove("thinking", "effort", "the model is not told to think")
            return
        budget = _integer(given.get("budget_tokens"))
        limit = _integer(self.members.get("max_tokens", self.body.get("max_tokens")))
        if limit is None or (style is Thinking.ADAPTIVE and kind == "adaptive"):
            return
        effort = _object(self.body, "output_config").get("effort")
        settings = ReasoningSettings(
            effort=effort if isinstance(effort, str) else None,
            budget=budget if kind == "enabled" else None,
        )
        told = told_to_think(settings, self.traits, limit, "thinking")
        for loss in told.losses:
            self.losses.put(loss)
        if told.thinking is None:
            self.removed.add("thinking")
            return
        thinking = dict(told.thinking)
        if style is Thinking.ADAPTIVE and "display" in given:
            thinking["display"] = given["display"]
        if any(given.get(name) != value for name, value in thinking.items()):
            self.members["thinking"] = thinking
        if told.effort is not None and effort is None:
            self._set_config(told.effort)

    def weigh(self) -> None:
        """An effort that the model knows."""
        effort = _object(self.body, "output_config").get("effort")
        if not isinstance(effort, str):
            return
        measured = self.traits.thinking in (Thinking.BUDGET, Thinking.NONE)
        if self.traits.efforts is None and not measured:
            return
        known = known_effort(effort, self.traits) if self.traits.efforts else None
        if known == effort:
            return
        self._set_config(known)
        path = "output_config.effort"
        if known is None:
            self.losses.put(dropped("effort", path, "the model does not know it"))
        else:
            reason = f"the model knows {known} at the nearest"
            self.losses.put(Loss("clamped:effort", path, reason=reason))

    def sample(self) -> None:
        """No sampling parameter where none is taken."""
        reason = refuses_sampling(self.target)
        for name, default in SAMPLING_DEFAULTS.items() if reason is not None else ():
            if name in self.body:
                self.removed.add(name)
                if self.body[name] not in (None, default):
                    self.losses.put(dropped(name, name, reason or ""))

    def stop(self) -> None:
        """No stop sequences where none are taken."""
        if self.traits.stop is False and self.body.get("stop_sequences"):
            self._remove("stop_sequences", "stop", "the model takes no stop sequences")

    def _think_no_more(self, messages: list[Any]) -> None:
        """No budget where the calls that are to be gone on from lost their thinking."""
        thinking = self.members.get("thinking", self.body.get("thinking"))
        if _is_budgeted(thinking) and goes_on_unthought(messages):
            self.members.pop("thinking", None)
            self._remove("thinking", "effort", UNTHOUGHT)

    def talk(self) -> None:
        """Messages without the thoughts of other providers, and without the system's words where
        the model takes these in front only."""
        messages = self.body.get("messages")
        if not isinstance(messages, list):
            return
        hoists = self.traits.inner_system is False
        changed = False
        kept: list[Any] = []
        hoisted: list[Any] = []
        for message in messages:
            if not isinstance(message, dict):
                kept.append(message)
            elif hoists and _speaks_as_system(message):
                hoisted.append(message.get("content"))
            else:
                own = _signed(message)
                changed = changed or own is not message
                if own is not None:
                    kept.append(own)
        if hoisted:
            said = [self.body.get("system"), *hoisted]
            self.members["system"] = [block for content in said for block in _blocks(content)]
            reason = "the model takes the system's words in front of all others only"
            self.losses.put(Loss("moved:system", "messages", reason=reason))
        if changed:
            reason = "only the provider that wrote it can have it back"
            self.losses.put(dropped("reasoning", "messages", reason))
            self._think_no_more(kept)
        if hoisted or changed:
            self.members["messages"] = kept


def _is_budgeted(thinking: object) -> bool:
    return isinstance(thinking, dict) and thinking.get("type") == "enabled"


def _speaks_as_system(message: _Body) -> bool:
    return message.get("role") == "system" and isinstance(message.get("content"), str | list)


def _blocks(content: object) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content.strip() else []
    return content if isinstance(content, list) else []


def _unsigned(block: object) -> bool:
    return (
        isinstance(block, dict)
        and block.get("type") == "thinking"
        and signed(block.get("signature")) is None
    )


def is_mixed(body: Mapping[str, Any]) -> bool:
    """Whether a message holds what a model thought that Anthropic has not signed: the answer was
    translated here, and says so."""
    messages = body.get("messages")
    return isinstance(messages, list) and any(
        isinstance(block, dict) and block.get("signature") == UNSIGNED
        for message in messages
        if isinstance(message, dict)
        for block in _blocks(message.get("content"))
    )


def _signed(message: _Body) -> _Body | None:
    """A message without thoughts that Anthropic has not signed; None where nothing is left."""
    content = message.get("content")
    if not isinstance(content, list) or not any(map(_unsigned, content)):
        return message
    left = [block for block in content if not _unsigned(block)]
    return {**message, "content": left} if left else None


def adapt(body: Mapping[str, Any], target: Target) -> Adaptation:
    """What must change in a client's body of this dialect for this model.

    Thinking and effort are told in the model's way, limits are its own, sampling and stop
    sequences go where they are refused. Thinking in the history stays where Anthropic has signed
    it: its models read each other's.

    Args:
        body: parsed.
        target: the model.
    """
    adapting = _Adapting(body, target)
    adapting.limit()
    adapting.weigh()
    adapting.think()
    adapting.sample()
    adapting.stop()
    adapting.talk()
    return Adaptation(adapting.members, frozenset(adapting.removed), adapting.losses.told())
