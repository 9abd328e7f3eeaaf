"""The prompt that Arch-Router 1.5B was trained on, and how a conversation is made to fit into it.

The text is an interface, like a wire format: its bytes count, odd grammar, double space, and
newline at either end included (katanemo/plano, ``router_model_v1.rs``, 0.4.12 to 0.4.18).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from extproc.config.values import Route
from extproc.dialects.conversation import Conversation, Turn

__all__ = ["PROMPT", "TOKEN_BUDGET", "fill", "recent", "trim"]

PROMPT = (
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
"""The published template, 856 bytes, with its two places to fill."""

TOKEN_BUDGET = 2048
"""What the model was trained to read, prompt and routes included."""

_BYTES_PER_TOKEN = 4
_LEAST_ROOM = 128
_ELLIPSIS = "…"
_BEFORE_ROUTES, _, _REST = PROMPT.partition("{routes}")
_BETWEEN, _, _AFTER_CONVERSATION = _REST.partition("{conversation}")


def fill(conversation: Conversation, routes: Sequence[Route]) -> str:
    """The prompt for these routes, in their order, and the latest turns that fit beside them.

    Args:
        conversation: oldest turn first; at least one user turn with text.
        routes: what to choose from; however long, all of them are named.
    """
    named = [{"name": route.name, "description": route.description} for route in routes]
    routes_json = orjson.dumps(named)
    room = TOKEN_BUDGET - _tokens(PROMPT.encode()) - _tokens(routes_json)
    turns = [{"role": turn.role, "content": turn.text} for turn in recent(conversation, room)]
    # The places are cut out beforehand, so a description that says "{conversation}" stays as it is.
    return "".join(
        (
            _BEFORE_ROUTES,
            routes_json.decode(),
            _BETWEEN,
            orjson.dumps(turns).decode(),
            _AFTER_CONVERSATION,
        )
    )


def recent(conversation: Conversation, room: int) -> Conversation:
    """The latest turns with text that fit into ``room`` tokens, four bytes each, oldest first.

    The first turn that does not fit ends the selection: a user's is shortened to what is left, an
    assistant's is left out. If nothing fits, the last user turn goes alone, in at least 128 tokens:
    without it there is nothing to classify.
    """
    chosen: list[Turn] = []
    left = room
    for turn in _with_text(conversation):
        size = _tokens(turn.text.encode())
        if size > left:
            if turn.role == "user" and left > 0:
                chosen.append(_shortened(turn, left))
            break
        chosen.append(turn)
        left -= size
    if not any(turn.role == "user" for turn in chosen):
        last = next((turn for turn in _with_text(conversation) if turn.role == "user"), None)
        chosen = [] if last is None else [_shortened(last, max(room, _LEAST_ROOM))]
    return tuple(reversed(chosen))


def trim(text: str, limit: int) -> str:
    """Cut the middle out of a text so that it takes at most ``limit`` bytes of UTF-8.

    60 % of what remains is its head, the rest its tail, an ellipsis between; a limit that leaves no
    room for both keeps the head alone.
    """
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = limit - len(_ELLIPSIS.encode())
    if kept <= 0:
        return raw[:limit].decode(errors="ignore")
    head = kept * 3 // 5
    tail = raw[len(raw) - (kept - head) :]
    return raw[:head].decode(errors="ignore") + _ELLIPSIS + tail.decode(errors="ignore")


def _shortened(turn: Turn, tokens: int) -> Turn:
    return Turn(turn.role, trim(turn.text, tokens * _BYTES_PER_TOKEN))


def _with_text(conversation: Conversation) -> Iterator[Turn]:
    """The turns that say something, newest first, in characters that UTF-8 can carry."""
    for turn in reversed(conversation):
        if turn.text.strip():
            yield Turn(turn.role, turn.text.encode("utf-8", "replace").decode())


def _tokens(raw: bytes) -> int:
    return len(raw) // _BYTES_PER_TOKEN
