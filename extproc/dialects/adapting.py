"""A body put into the terms of another model of the same dialect: only what that one refuses or
spells otherwise is changed, byte by byte; all else stays as the client wrote it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from extproc.dialects.body import Edited, edited
from extproc.dialects.outline import Member
from extproc.dialects.translation.translator import Adaptation

__all__ = ["adapted_body"]


def adapted_body(
    raw: bytes, adaptation: Adaptation, members: Sequence[Member] | None = None
) -> Edited:
    """The body with an adaptation's changes.

    Args:
        raw: a JSON object in UTF-8.
        adaptation: what to change.
        members: the body's, if they are known.

    Raises:
        ClientError: a member that must be changed stands more than once, or is oddly spelled (400).
    """
    changes: dict[str, bytes | None] = dict.fromkeys(sorted(adaptation.removed))
    for name in sorted(adaptation.members):
        changes[name] = orjson.dumps(adaptation.members[name])
    return edited(raw, changes, members)
