"""A body put into the terms of another model of the same dialect: only what that one refuses or
spells otherwise is changed, byte by byte; all else stays as the client wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from extproc.dialects import body as members
from extproc.dialects.translation.translator import Adaptation
from extproc.errors import ClientError

__all__ = ["adapted_body"]


def adapted_body(raw: bytes, document: Mapping[str, Any], adaptation: Adaptation) -> bytes:
    """The body with an adaptation's changes.

    Args:
        raw: a JSON object in UTF-8.
        document: what it was parsed to.
        adaptation: what to change.

    Raises:
        ClientError: a member that must be changed stands more than once, or is oddly spelled (400).
    """
    known = dict(document)
    for name in sorted(adaptation.removed | adaptation.members.keys()):
        try:
            member = members.find(raw, known, name)
        except members.MemberError as error:
            raise ClientError(400, f"'{name}' {error}.", param=name) from None
        if member is not None:
            raw = members.remove(raw, member)
            del known[name]
        if name in adaptation.members:
            value = adaptation.members[name]
            raw, _ = members.insert_first(raw, known, name, orjson.dumps(value))
            known[name] = value
    return raw
