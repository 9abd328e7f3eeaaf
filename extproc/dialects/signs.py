"""What an event says about a stream, whichever dialect it is in.

The gate hears a response without its request, so it cannot know the dialect. It need not, for no
event of one dialect looks like one of another.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import orjson

from extproc.dialects.dialect import Json, Sign
from extproc.dialects.table import DIALECTS

__all__ = ["EventSigns", "read_signs"]

_DONE: Final = b"[DONE]"


class EventSigns(NamedTuple):
    """What one event says: how the stream goes on, and whether it is complete."""

    sign: Sign
    finishes: bool = False


def read_signs(data: bytes) -> EventSigns:
    """Read the data of one event.

    Content is anything that shows generation under way: text, reasoning, a tool call, the reason
    why it stopped. A role, a ping, ``response.created`` or an empty block of text does not. Data
    that is no JSON object is an error. So is chat's ``[DONE]``, although it finishes a stream:
    where it is the first event, nothing came before it.
    """
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return EventSigns(Sign.ERROR, finishes=data.strip() == _DONE)
    if not isinstance(event, dict):
        return EventSigns(Sign.ERROR)
    return EventSigns(_sign(event), _finishes(event))


def _sign(event: Json) -> Sign:
    # To each dialect, the others' events are content: what one of them knows better counts.
    signs = {row.sign(event) for row in DIALECTS.values()}
    for sign in (Sign.ERROR, Sign.NOTHING_YET):
        if sign in signs:
            return sign
    return Sign.CONTENT


def _finishes(event: Json) -> bool:
    kind = event.get("type")
    if not isinstance(kind, str):
        kind = ""
    return any(kind in row.finished or row.finishes(event) for row in DIALECTS.values())
