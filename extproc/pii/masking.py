"""A request's body with what may not be told replaced, or the news that it must not be sent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from extproc.core.pii import PiiAction, PiiKind
from extproc.dialects.body import Edited
from extproc.dialects.outline import Member
from extproc.dialects.texts import changed_body
from extproc.pii.finding import find
from extproc.pii.vault import LOOKS_MASKED, PLACEHOLDER, Vault, redacted

__all__ = ["Masked", "masked"]


class Masked(NamedTuple):
    """What became of a body.

    ``body`` is None where nothing had to change. ``counts`` tells how often each kind was found;
    ``refused`` are the kinds because of which the request must not be sent. ``values`` is what the
    placeholders stand for that the answer may hold.
    """

    body: Edited | None
    counts: Mapping[PiiKind, int]
    refused: tuple[PiiKind, ...]
    values: Mapping[str, str]


def masked(
    raw: bytes,
    actions: Mapping[PiiKind, PiiAction],
    kept: str = "",
    members: Sequence[Member] | None = None,
    until: float = math.inf,
) -> Masked:
    """Look through the texts of a body, and replace what is found in them.

    Takes time in proportion to the body's length, and lets other threads run every few
    milliseconds.

    Args:
        raw: a JSON object in UTF-8 that has been parsed successfully, in any dialect.
        actions: the kinds to look for, and what to do with each.
        kept: see :class:`extproc.pii.vault.Vault`.
        members: those of the body, if they are known.
        until: see :func:`extproc.pii.finding.find`.

    Raises:
        ClientError: see :func:`extproc.dialects.texts.changed_body`.
        TimeoutError: the time is up.
    """
    change = _Change(actions, Vault(_reserved(raw, members), kept), until)
    body = changed_body(raw, change, members)
    refused = tuple(kind for kind in change.counts if actions[kind] is PiiAction.BLOCK)
    return Masked(body, change.counts, refused, change.vault.values)


def _reserved(raw: bytes, members: Sequence[Member] | None) -> set[str]:
    """Placeholders in the texts of a body. Those in what a provider has signed are not among them:
    they are ours, and stand for what they stood for when it was written."""
    found: set[str] = set()
    if LOOKS_MASKED.search(raw):

        def note(text: str) -> str:
            found.update(PLACEHOLDER.findall(text))
            return text

        changed_body(raw, note, members)
    return found


class _Change:
    """What a text becomes."""

    __slots__ = ("_actions", "_until", "counts", "vault")

    def __init__(self, actions: Mapping[PiiKind, PiiAction], vault: Vault, until: float) -> None:
        self._actions = actions
        self._until = until
        self.counts: Counter[PiiKind] = Counter()
        self.vault: Final = vault

    def __call__(self, text: str) -> str:
        findings = find(text, self._actions, self._until)
        if not findings:
            return text
        pieces: list[str] = []
        position = 0
        for start, end, kind in findings:
            self.counts[kind] += 1
            pieces += (text[position:start], self._instead(kind, text[start:end]))
            position = end
        return "".join([*pieces, text[position:]])

    def _instead(self, kind: PiiKind, value: str) -> str:
        if self._actions[kind] is PiiAction.MASK:
            return self.vault.placeholder(kind, value)
        return redacted(kind)
