"""The intent classifier that asks a router model: Arch-Router, Plano-Orchestrator, or a model that
can follow their prompts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cachetools import TTLCache

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.intent import Intent
from extproc.intent.bulkhead import Bulkhead
from extproc.intent.catch_all import rest_of
from extproc.intent.prompt_format import PromptFormat
from extproc.intent.router_answer import read_answer

if TYPE_CHECKING:  # its HTTP client takes its time to load
    from extproc.intent.completions import Completions

__all__ = ["RouterModel"]


class RouterModel:
    """Sends routes and conversation as one prompt and reads the routes' names from the answer."""

    def __init__(
        self,
        completions: Completions,
        prompt_format: PromptFormat,
        bulkhead: Bulkhead,
        answers: TTLCache[bytes, Intent],
        context_length: int | None = None,
    ) -> None:
        """
        Args:
            completions: where the model is; closed with this classifier.
            prompt_format: how it is asked.
            bulkhead: whether it is asked.
            answers: those of a moment ago, by the digest of their prompt; what failed is not among
                them. A cache of size 0 keeps none.
            context_length: of the model, in tokens, where it is not the format's own.
        """
        self._completions = completions
        self._format = prompt_format
        self._bulkhead = bulkhead
        self._answers = answers
        self._context_length = context_length

    async def classify(
        self,
        conversation: Conversation,
        routes: Sequence[Route],
        tools: Sequence[str] = (),  # noqa: ARG002 - its prompt has no place for them
    ) -> Intent:
        """See :class:`extproc.intent.IntentClassifier`.

        Raises:
            ClassificationError: ``busy``, ``circuit_open``, ``timeout``, ``unreachable``,
                ``interrupted``, ``status`` (not 2xx) or ``malformed`` (not a chat completion, or
                one that names no route legibly).
        """
        if not any(turn.role == "user" and turn.text.strip() for turn in conversation):
            return Intent(None)
        prompt = self._format.fill(conversation, routes, self._context_length)
        # The prompt is all that the answer depends on; its digest is all that is kept of it.
        question = hashlib.blake2b(prompt.encode(), digest_size=16).digest()
        intent = self._answers.get(question)
        if intent is None:
            intent = await self._ask(prompt, routes)
            if self._answers.maxsize > 0:
                self._answers[question] = intent
        rest = rest_of(routes) if intent.route is None else None
        return intent if rest is None else replace(intent, route=rest.name, took_the_rest=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._completions.close()

    async def _ask(self, prompt: str, routes: Sequence[Route]) -> Intent:
        with self._bulkhead.passage():
            answer = await self._completions.ask(prompt)
            names = read_answer(answer, [route.name for route in routes])
        return Intent(names[0] if names else None, others=names[1:], classifier=self._format.name)
