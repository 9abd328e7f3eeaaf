"""Both stages: what they read of a conversation, and how like each route they find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from extproc.core.conversation import Conversation
from extproc.intent.cascade import Caution
from extproc.intent.conversation_ids import excerpt_ids
from extproc.intent.encoder import Encoder
from extproc.intent.excerpts import excerpts
from extproc.intent.languages import is_english
from extproc.intent.multilingual import LazyMultilingual
from extproc.intent.route_vectors import RouteVectors
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import Vector

__all__ = ["ENCODED_TOKENS", "Prompt", "Stages"]

ENCODED_TOKENS: Final = 28
"""What the encoder reads at most of what the first stage has read: the tokens that count most. Its
time goes by them, and what a long conversation is about stands in few."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is read of a conversation: ``ids`` by both stages, or where it is not English, what was
    ``said`` by the multilingual encoder. Neither if there is no text."""

    ids: Sequence[int] = ()
    said: Sequence[str] = ()

    @property
    def empty(self) -> bool:
        return not self.ids and not self.said


@dataclass(frozen=True, slots=True)
class Stages:
    """A first stage, whose word is enough where it is as clear as ``caution`` asks for, and the
    encoders, which have the last one. Without ``caution`` the encoder is asked always."""

    tokens: Tokens
    first_stage: StaticVectors
    encoder: Encoder
    multilingual: LazyMultilingual
    caution: Caution | None

    def prompt(self, conversation: Conversation, tools: Sequence[str]) -> Prompt:
        """What is read of a conversation, and of what the request's tools are called."""
        said = excerpts(conversation)
        if said and not is_english(said[0]):
            return Prompt(said=said)
        return Prompt(excerpt_ids(self.tokens, said, tools))

    def scores(self, prompt: Prompt, vectors: RouteVectors) -> Vector:
        """The score of every route: the first stage's where it is clear, else the encoder's."""
        clear = self.clear(prompt, vectors)
        return self.encoded(prompt, vectors) if clear is None else clear

    def clear(self, prompt: Prompt, vectors: RouteVectors) -> Vector | None:
        """The first stage's scores; None where an encoder must be asked."""
        if self.caution is None or prompt.said:
            return None
        scores = self.guessed(prompt.ids, vectors)
        return scores if self.caution.clear(scores, vectors.thresholds) else None

    def guessed(self, ids: Sequence[int], vectors: RouteVectors) -> Vector:
        """The first stage's scores, clear or not."""
        return vectors.scores(self.first_stage.prompt(ids))

    def encoded(self, prompt: Prompt, vectors: RouteVectors) -> Vector:
        """The scores by the encoder that reads the prompt's language; it waits until that is
        loaded."""
        if prompt.said:
            return vectors.scores(self.multilingual.wanted().result().prompt(prompt.said))
        telling = self.first_stage.telling(prompt.ids, ENCODED_TOKENS)
        return vectors.scores(self.encoder.prompt(telling))
