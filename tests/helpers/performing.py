"""One program at one model: the same one runs at the model of its own dialect and at others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extproc.core.models import Dialect
from extproc.demo.provider import Behaviour, FakeProvider
from extproc.demo.provider.exchange import Exchange
from tests.helpers.house import House
from tests.helpers.programs import Client, Part, Result, Said, Wants
from tests.helpers.realistic import ADAPTIVE, CLAUDE, GPT, MISTRAL, RESPONDING, provider_of

__all__ = ["FOREIGN", "NATIVE", "Program"]

NATIVE = {Dialect.CHAT: GPT, Dialect.MESSAGES: CLAUDE, Dialect.RESPONSES: RESPONDING}
FOREIGN = {
    Dialect.CHAT: (CLAUDE, ADAPTIVE, RESPONDING),
    Dialect.MESSAGES: (GPT, MISTRAL, RESPONDING),
    Dialect.RESPONSES: (CLAUDE, ADAPTIVE, MISTRAL),
}
"""Models that do not speak a client's dialect."""


@dataclass(slots=True)
class Program:
    """A client, and the model that it names."""

    house: House
    client: Client
    model: str
    streamed: bool

    @property
    def native(self) -> bool:
        """Whether nothing is translated."""
        return self.model == NATIVE[self.client.dialect]

    @property
    def provider(self) -> FakeProvider:
        """The model's."""
        return provider_of(self.house, self.model)

    @property
    def received(self) -> Exchange:
        """The latest request that the model's provider got."""
        return self.provider.exchanges[-1]

    async def ask(
        self, *turns: Sequence[Any], behaviour: Behaviour | None = None, **wants: Any
    ) -> Said:
        """Have the model answer a conversation.

        Args:
            turns: as the client writes them, and as earlier answers have them.
            behaviour: how the provider answers.
            wants: see ``Wants``.
        """
        if behaviour is not None:
            self.provider.script(behaviour)
        history = [item for turn in turns for item in turn]
        said = await self.client.ask(self.model, history, Wants(**wants), streamed=self.streamed)
        assert said.headers["x-dragoman-model"] == self.model
        assert said.headers["x-dragoman-attempts"] == "1"
        return said

    def user(self, *parts: Part) -> Sequence[Any]:
        """A turn of the user's."""
        return self.client.user(*parts)

    def results(self, said: Said, *results: Result) -> Sequence[Any]:
        """The results of an answer's calls."""
        return self.client.results(dict(zip(said.calls, results, strict=True)))
