"""The signs of a stream whose events say in ``type`` what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.dialects.dialect import Json, Sign

__all__ = ["Announcement", "TypedEvents"]


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event that says of what ``type`` the thing in its ``member`` is.

    One of type ``text`` is text that is still to come; any other (a tool call, reasoning) is
    generation under way.
    """

    member: str
    text: str


@dataclass(frozen=True, slots=True)
class TypedEvents:
    """The types of events that are no content: of those that open a stream, announce, and fail."""

    opening: frozenset[str]
    announcements: Mapping[str, Announcement]
    failed: frozenset[str]

    def sign(self, event: Json) -> Sign:
        """What an event tells; what it is not known to be otherwise is content."""
        kind = event.get("type")
        if not isinstance(kind, str):
            kind = ""
        if event.get("error") or kind in self.failed:
            return Sign.ERROR
        if kind in self.opening or self._announces_text(kind, event):
            return Sign.NOTHING_YET
        return Sign.CONTENT

    def _announces_text(self, kind: str, event: Json) -> bool:
        announcement = self.announcements.get(kind)
        if announcement is None:
            return False
        announced = event.get(announcement.member)
        return isinstance(announced, dict) and announced.get("type") == announcement.text
