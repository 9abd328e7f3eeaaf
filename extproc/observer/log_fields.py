"""What the entries of both access logs tell in the same way."""

from __future__ import annotations

from collections.abc import Mapping

from extproc.contract import LIMIT, from_header
from extproc.core.response_flags import FLAGS
from extproc.transport.wire import Message

__all__ = ["flags_of", "limit_of", "seconds_of", "texts_of"]


def texts_of(metadata: Mapping[str, Message], namespace: str) -> dict[str, str]:
    """What a filter has remembered, as far as that is text.

    Neither is a namespace looked up that is not there, which would add it, nor are a map's
    ``items`` gone through, which protobuf finds in Python: that was half of what an entry costs.
    """
    if namespace not in metadata:
        return {}
    fields = metadata[namespace].fields
    return {key: fields[key].string_value for key in fields}


def seconds_of(told: Message) -> float:
    """A duration, or a time since the epoch."""
    return float(told.seconds + told.nanos / 1e9)


def flags_of(common: Message) -> str:
    """Envoy's response flags by their short names, with commas between them."""
    if not common.HasField("response_flags"):
        return ""
    names = (field.name for field, _ in common.response_flags.ListFields())
    return ",".join(sorted(FLAGS[name].short if name in FLAGS else name for name in names))


def limit_of(response: Message) -> str | None:
    """The limit of ours that has refused a request or an attempt."""
    named = response.response_headers.get(LIMIT)
    return None if named is None else from_header(named)
