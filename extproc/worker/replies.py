"""The messages that we answer Envoy with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from extproc.contract import END, METADATA_NAMESPACE, REPLY_DETAILS
from extproc.core.own_replies import details_of
from extproc.transport.wire import HeaderMutation, Message, ProcessingResponse
from extproc.worker.body_messages import body_messages

__all__ = [
    "CONTINUE_RESPONSE",
    "CONTINUE_RESPONSE_TRAILERS",
    "CONTINUE_TRAILERS",
    "header_values",
    "last_of_response",
    "remembering",
    "reply",
    "request_body",
    "request_headers",
    "response_body",
    "response_headers",
]

_OVERWRITE = 2
"""HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD"""


def header_values(headers: Message) -> dict[str, str]:
    """The headers that Envoy sent; of those sent twice, the first."""
    values: dict[str, str] = {}
    for header in headers.headers.headers:
        values.setdefault(header.key, header.raw_value.decode("latin-1"))
    return values


@lru_cache(maxsize=1024)
def _frame(name: str, size: int) -> tuple[bytes, bytes]:
    """What goes before and behind a value of so many bytes in a serialized ``HeaderMutation`` that
    sets one header; several of these in a row set all of theirs."""
    mutation = HeaderMutation()
    option = mutation.set_headers.add()
    option.header.key = name
    option.header.raw_value = bytes(size)
    option.append_action = _OVERWRITE
    whole = bytes(mutation.SerializeToString())
    if not size:
        return whole, b""
    before, _, behind = whole.partition(bytes(size))
    return before, behind


def _set_headers(mutation: Message, headers: Mapping[str, str]) -> None:
    """Protobuf's own building of options costs more than all else that is done for a request."""
    pieces: list[bytes] = []
    for name, text in headers.items():
        value = text.encode("latin-1")
        before, behind = _frame(name, len(value))
        pieces += (before, value, behind)
    mutation.MergeFromString(b"".join(pieces))


def request_headers(headers: Mapping[str, str], removed: Iterable[str] = ()) -> bytes:
    """Let the request's headers pass, changed, and have its route chosen anew.

    Args:
        headers: headers to set, ASCII or Latin-1 values.
        removed: names of headers to remove.
    """
    response = ProcessingResponse()
    common = response.request_headers.response
    common.clear_route_cache = True
    _set_headers(common.header_mutation, headers)
    common.header_mutation.remove_headers.extend(removed)
    return bytes(response.SerializeToString())


def response_headers(headers: Mapping[str, str], removed: Iterable[str] = ()) -> bytes:
    """Let a response's headers pass, changed.

    Args:
        headers: headers to set, ``:status`` among them; ASCII or Latin-1 values.
        removed: names of headers to remove.
    """
    response = ProcessingResponse()
    mutation = response.response_headers.response.header_mutation
    _set_headers(mutation, headers)
    mutation.remove_headers.extend(removed)
    return bytes(response.SerializeToString())


def request_body(*data: bytes | memoryview, ends: bool) -> Iterator[bytes]:
    """A request's body, in pieces; ``ends`` says whether the last of them ends the request."""
    return body_messages("request_body", data, ends=ends)


def response_body(*data: bytes | memoryview, ends: bool) -> Iterator[bytes]:
    """A response's body, in pieces; ``ends`` says whether the last of them ends the response."""
    return body_messages("response_body", data, ends=ends)


def last_of_response(data: bytes, noticed: Mapping[str, str]) -> Iterator[bytes]:
    """The last of a response's body, whether or not more was to come, with what was noticed of it
    for the access log."""
    *pieces, last = response_body(data, ends=True)
    yield from pieces
    yield last + _metadata(END, noticed)


def remembering(reply: bytes, values: Mapping[str, str]) -> bytes:
    """A reply, with what the access log needs of a request that no later filter sees.

    Args:
        reply: what :func:`reply` made.
        values: by the keys of ``METADATA_NAMESPACE``.
    """
    return reply + _metadata(METADATA_NAMESPACE, values)


def _metadata(namespace: str, values: Mapping[str, str]) -> bytes:
    """The part of a response that sets metadata: serialized messages in a row are one message."""
    response = ProcessingResponse()
    fields = response.dynamic_metadata.fields[namespace].struct_value.fields
    for key, value in values.items():
        fields[key].string_value = value
    return bytes(response.SerializeToString())


def reply(
    status: int, body: bytes, headers: Mapping[str, str] | None = None, reason: str | None = None
) -> bytes:
    """Answer the request here and now, with a body of JSON.

    Args:
        status: the HTTP status.
        body: the body.
        headers: more headers to set.
        reason: a token for the access log's response code details.
    """
    response = ProcessingResponse()
    immediate = response.immediate_response
    immediate.status.code = status
    immediate.body = body
    immediate.details = details_of(REPLY_DETAILS, reason)
    _set_headers(immediate.headers, {"content-type": "application/json", **(headers or {})})
    return bytes(response.SerializeToString())


def _empty(kind: str) -> bytes:
    response = ProcessingResponse()
    getattr(response, kind).SetInParent()
    return bytes(response.SerializeToString())


CONTINUE_RESPONSE = _empty("response_headers")
"""Let a response's headers pass as they are."""

CONTINUE_TRAILERS = _empty("request_trailers")
"""Let a request's trailers pass as they are."""

CONTINUE_RESPONSE_TRAILERS = _empty("response_trailers")
"""Let a response's trailers pass as they are."""
