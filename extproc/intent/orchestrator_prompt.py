"""The prompt that Plano-Orchestrator was trained on.

The text is an interface, like a wire format: its bytes count, newline at either end and doubled
braces included, which Plano sends doubled (katanemo/plano 0.4.36, ``orchestrator_model_v1.rs``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from extproc.core.conversation import Conversation
from extproc.core.encodable import encodable
from extproc.core.routes import Route
from extproc.intent.prompt_format import PromptFormat

__all__ = ["PLANO_ORCHESTRATOR"]

_TEMPLATE: Final = (
    "\n"
    "You are a helpful assistant that selects the most suitable routes based on user intent.\n"
    "You are provided with a list of available routes enclosed within <routes></routes> XML tags:\n"
    "<routes>\n"
    "{routes}\n"
    "</routes>\n"
    "\n"
    "You are also given the conversation context enclosed within <conversation></conversation> XML"
    " tags:\n"
    "<conversation>\n"
    "{conversation}\n"
    "</conversation>\n"
    "\n"
    "## Instructions\n"
    "1. Analyze the latest user intent from the conversation.\n"
    "2. Compare it against the available routes to find which routes can help fulfill the"
    " request.\n"
    "3. Respond only with the exact route names from <routes>.\n"
    "4. If no routes can help or the intent is already fulfilled, return an empty list.\n"
    "\n"
    "## Response Format\n"
    "Return your answer strictly in JSON as follows:\n"
    '{{"route": ["route_name_1", "route_name_2", "..."]}}\n'
    "If no routes are needed, return an empty list for `route`.\n"
)
# Routes are shown as functions without parameters.
_PARAMETERS: Final = {"type": "object", "properties": {}, "required": []}


def _routes(routes: Sequence[Route]) -> str:
    return "\n".join(
        json.dumps(
            {
                "name": encodable(route.name),
                "description": encodable(route.description),
                "parameters": _PARAMETERS,
            },
            ensure_ascii=False,
        )
        for route in routes
    )


def _turns(conversation: Conversation) -> str:
    turns = [{"role": turn.role, "content": turn.text} for turn in conversation]
    return json.dumps(turns, ensure_ascii=False, indent=4)


PLANO_ORCHESTRATOR: Final = PromptFormat(
    name="plano-orchestrator",
    template=_TEMPLATE,
    context_length=8192,
    shown_routes=_routes,
    shown_turns=_turns,
    most_turns=16,
)
"""846 bytes; routes are a line of JSON each, the conversation is an indented JSON array."""
