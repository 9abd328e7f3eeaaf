"""What a fake provider has to say, before a dialect puts it into words."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.repertoire import SUFFIX_MARK

__all__ = ["Answer", "compose"]

_AFTER_EACH_SPACE = re.compile(r"(?<=\s)")
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its text in pieces, and what it cost.

    ``streamed_usage`` says whether a chat client asked for usage at the end of its stream.
    """

    model: str
    deltas: tuple[str, ...]
    input_tokens: int
    output_tokens: int
    streamed_usage: bool = False
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def text(self) -> str:
        return "".join(self.deltas)


def compose(
    provider: str, model: str, behaviour: Behaviour, *, request_size: int, streamed_usage: bool
) -> Answer:
    """Make up the answer that a behaviour asks for."""
    deltas = _deltas(provider, model, behaviour)
    input_tokens, output_tokens = behaviour.input_tokens, behaviour.output_tokens
    return Answer(
        model=model,
        deltas=deltas,
        input_tokens=request_size // _BYTES_PER_TOKEN if input_tokens is None else input_tokens,
        output_tokens=len(deltas) if output_tokens is None else output_tokens,
        streamed_usage=streamed_usage,
    )


def _deltas(provider: str, model: str, behaviour: Behaviour) -> tuple[str, ...]:
    if behaviour.deltas is not None:
        return ("word".ljust(behaviour.delta_size)[: behaviour.delta_size],) * behaviour.deltas
    text = behaviour.text
    if text is None:
        text = f"Hello from {provider}/{model.partition(SUFFIX_MARK)[0]}"
    return tuple(filter(None, _AFTER_EACH_SPACE.split(text)))
