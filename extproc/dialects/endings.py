"""How a stream ended, by what Envoy has noticed of it in passing.

No stream passes Python for this. Envoy remembers the type of the last event, whether one was an
error, and whether one was no JSON, which is how chat's streams end.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from extproc.core.outcomes import StreamEnd
from extproc.dialects.table import DIALECTS

__all__ = ["EndSign", "stream_end"]


class EndSign(StrEnum):
    """What is noticed of a stream, each under the key by which Envoy passes it on."""

    LAST = "last"
    """The ``type`` of the last event that had one."""
    TEXT = "text"
    """An event was no JSON."""
    STALLED = "stalled"
    """The translation has ended the stream, for nothing came any more."""


def stream_end(path: str, noticed: Mapping[str, str], *, error: bool) -> StreamEnd | None:
    """How a stream ended whose last byte has come.

    Args:
        path: the provider's path, without its query, which tells the dialect of the events.
        noticed: what was noticed, by :class:`EndSign`.
        error: whether an event told an error.

    Returns:
        None where the path is that of no dialect: nothing is known of such a stream.
    """
    row = next((row for row in DIALECTS.values() if path.endswith(row.path_ending)), None)
    if row is None:
        return None
    if noticed.get(EndSign.STALLED):
        return StreamEnd.STALLED
    last = noticed.get(EndSign.LAST)
    if error or last in row.failed:
        return StreamEnd.ERROR
    finished = last in row.finished if row.finished else EndSign.TEXT in noticed
    return StreamEnd.FINISHED if finished else StreamEnd.UNFINISHED
