"""The prompt that Arch-Router 1.5B was trained on.

The text is an interface, like a wire format: its bytes count, odd grammar, double space, and
newline at either end included (katanemo/plano, ``router_model_v1.rs``, 0.4.12 to 0.4.18).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from extproc.core.conversation import Conversation
from extproc.core.encodable import encodable
from extproc.core.routes import Route
from extproc.intent.prompt_format import PromptFormat

__all__ = ["ARCH_ROUTER"]

_TEMPLATE: Final = (
    "\n"
    "You are a helpful assistant designed to find the best suited route.\n"
    "You are provided with route description within <routes></routes> XML tags:\n"
    "<routes>\n"
    "{routes}\n"
    "</routes>\n"
    "\n"
    "<conversation>\n"
    "{conversation}\n"
    "</conversation>\n"
    "\n"
    "Your task is to decide which route is best suit with user intent on the conversation in"
    " <conversation></conversation> XML tags.  Follow the instruction:\n"
    "1. If the latest intent from user is irrelevant or user intent is full filled, response with"
    ' other route {"route": "other"}.\n'
    "2. You must analyze the route descriptions and find the best match route for user latest"
    " intent.\n"
    "3. You only response the name of the route that best matches the user's request, use the exact"
    " name in the <routes></routes>.\n"
    "\n"
    "Based on your analysis, provide your response in the following JSON formats if you decide to"
    " match any route:\n"
    '{"route": "route_name"}\n'
)


def _routes(routes: Sequence[Route]) -> str:
    named = [
        {"name": encodable(route.name), "description": encodable(route.description)}
        for route in routes
    ]
    return orjson.dumps(named).decode()


def _turns(conversation: Conversation) -> str:
    turns = [{"role": turn.role, "content": turn.text} for turn in conversation]
    return orjson.dumps(turns).decode()


ARCH_ROUTER: Final = PromptFormat(
    name="arch-router",
    template=_TEMPLATE,
    context_length=2048,
    shown_routes=_routes,
    shown_turns=_turns,
)
"""856 bytes; routes and conversation are compact JSON arrays."""
