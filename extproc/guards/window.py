"""A window that slides over the text of a stream, for guards that look for what is no longer than
so many characters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from extproc.guards.guard import Blocked, Released

__all__ = ["through_window"]


async def through_window(
    text: str,
    window: int,
    look: Callable[[str], Awaitable[str | Blocked]],
    *,
    ended: bool,
) -> Released | Blocked:
    """Look at a piece of text when there is enough of it.

    The last characters of what was looked at are looked at once more together with what follows
    them, so nothing that fits the window is seen in parts only.

    Args:
        text: what was kept last time, and what has come since.
        window: how many characters are kept. As many more are gathered before the next look.
        look: returns what the text becomes.
        ended: whether no more is to come.
    """
    if not ended and len(text) < 2 * window:
        return Released("", text)
    if not text:
        return Released("")
    looked = await look(text)
    if isinstance(looked, Blocked):
        return looked
    if ended:
        return Released(looked)
    return Released(looked[:-window], looked[-window:])
