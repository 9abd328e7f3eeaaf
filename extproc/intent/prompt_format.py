"""How a router model is asked: a published text with two places to fill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.intent.history import recent, tokens

__all__ = ["PromptFormat"]

_ROUTES = "{routes}"
_CONVERSATION = "{conversation}"


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """The prompt that a router model was trained on.

    Attributes:
        name: what decisions and metrics call a router that is asked in this way.
        template: the published text; its bytes are an interface, like a wire format.
        context_length: how many tokens the model was trained to read, template and routes included.
        shown_routes: writes the routes, in their order.
        shown_turns: writes the turns, oldest first.
        most_turns: how many turns it is shown; None is as many as fit.
    """

    name: str
    template: str
    context_length: int
    shown_routes: Callable[[Sequence[Route]], str]
    shown_turns: Callable[[Conversation], str]
    most_turns: int | None = None

    def fill(
        self,
        conversation: Conversation,
        routes: Sequence[Route],
        context_length: int | None = None,
    ) -> str:
        """The prompt for these routes and the latest turns that fit beside them.

        Args:
            conversation: oldest turn first; at least one user turn with text.
            routes: what to choose from; however long, all of them are named.
            context_length: of the model, in tokens, where it is not the format's own.
        """
        named = self.shown_routes(routes)
        taken = tokens(self.template) + tokens(named)
        room = (context_length or self.context_length) - taken
        said = self.shown_turns(recent(conversation, room, self.most_turns))
        # The places are cut out before either is filled, so a description that says
        # "{conversation}" stays as it is.
        before, _, rest = self.template.partition(_ROUTES)
        between, _, after = rest.partition(_CONVERSATION)
        return f"{before}{named}{between}{said}{after}"
