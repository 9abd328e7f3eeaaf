"""What an event says about a stream, whichever dialect it is in.

The gate hears a response without its request, so it cannot know the dialect. It need not, for no
event of one dialect looks like one of another.
"""

from __future__ import annotations

from typing import Final

import orjson

from extproc.dialects.dialect import Sign
from extproc.dialects.table import DIALECTS

__all__ = ["finishes", "read_sign"]

_DONE: Final = b"[DONE]"


def read_sign(data: bytes) -> Sign:
    """Read the data of one event.

    Content is anything that shows generation under way: text, reasoning, a tool call, the reason
    why it stopped. A role, a ping, ``response.created`` or an empty block of text does not. Data
    that is no JSON object is an error, and so is chat's ``[DONE]``: nothing came before it.
    """
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return Sign.ERROR
    if not isinstance(event, dict):
        return Sign.ERROR
    # To each dialect, the others' events are content: what one of them knows better counts.
    signs = {row.sign(event) for row in DIALECTS.values()}
    for sign in (Sign.ERROR, Sign.NOTHING_YET):
        if sign in signs:
            return sign
    return Sign.CONTENT


def finishes(data: bytes) -> bool:
    """Whether an event says that its stream is complete."""
    if data.strip() == _DONE:
        return True
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(event, dict) and any(
        event.get("type") in row.finished or row.finishes(event) for row in DIALECTS.values()
    )
