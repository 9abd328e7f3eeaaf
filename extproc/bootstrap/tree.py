"""Messages as plain values, which Envoy reads from a file, and templates of them.

betterproto2's ``to_dict`` checks every message anew and evaluates the annotations of its class each
time, and its ``Any`` turns a message into bytes only to read them again. Together that is nine
tenths of the time that the bootstrap takes, so both are done here without.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import betterproto2
from betterproto2 import FieldMetadata
from envoy_data_plane.google.protobuf import Any as Packed
from envoy_data_plane.message_pool import default_message_pool

__all__ = ["Holes", "Tree", "Wrapped", "filled", "tree"]

Holes: TypeAlias = Mapping[str | int, str | int]
"""By what stands in a template, what is to stand in its place."""

Tree: TypeAlias = dict[str, Any]

_WRITTEN_AS_STRINGS: Final = frozenset(
    {
        betterproto2.TYPE_STRING,
        betterproto2.TYPE_INT64,
        betterproto2.TYPE_UINT64,
        betterproto2.TYPE_SINT64,
        betterproto2.TYPE_FIXED64,
        betterproto2.TYPE_SFIXED64,
    }
)
"""Long integers too, for JSON's numbers may not hold them:
https://protobuf.dev/programming-guides/json/"""


class Wrapped(Packed):
    """An ``Any`` that keeps its message as it is, and turns it into bytes only when asked to.

    Raises:
        KeyError: envoy-data-plane does not define such a message.
    """

    def __init__(self, message: betterproto2.Message) -> None:
        super().__init__(type_url=default_message_pool.type_to_url[type(message)])
        self._message = message

    def unpack(self, *_: object, **__: object) -> betterproto2.Message:
        return self._message

    def __bytes__(self) -> bytes:
        return bytes(Packed.pack(self._message))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packed) and self._message == other.unpack()


def tree(message: betterproto2.Message) -> Tree:
    """A message as plain values, its fields named as in Envoy's documentation.

    The values are those of protobuf's JSON. What has its default is left out.
    """
    if isinstance(message, Packed):
        return _unpacked(message)
    if _is_well_known(message):
        written: Tree = message.to_dict(casing=betterproto2.Casing.SNAKE)
        return written
    plain: Tree = {}
    for name, key, metadata in _fields(type(message)):
        value = getattr(message, name)
        if value is None or not (_told_if_empty(metadata) or value):
            continue
        if metadata.repeated:
            plain[key] = [_plain(each, metadata) for each in value]
        elif metadata.map_meta is not None:
            keys, values = metadata.map_meta
            plain[key] = {_plain(k, keys): _plain(each, values) for k, each in value.items()}
        else:
            plain[key] = _plain(value, metadata)
    return plain


def _unpacked(packed: Packed) -> Tree:
    message = packed.unpack()
    if message is None:
        return {"@type": packed.type_url}
    inner = tree(message)
    return {"@type": packed.type_url} | ({"value": inner} if _is_well_known(message) else inner)


def _is_well_known(message: betterproto2.Message) -> bool:
    """Whether JSON has a form of its own for it: a duration, a struct, a wrapped number."""
    return type(message).to_dict is not betterproto2.Message.to_dict


def _told_if_empty(metadata: FieldMetadata) -> bool:
    return bool(metadata.optional) or (
        metadata.proto_type == betterproto2.TYPE_MESSAGE and not metadata.repeated
    )


@functools.cache
def _fields(definition: type[betterproto2.Message]) -> list[tuple[str, str, FieldMetadata]]:
    """Of each field its attribute, its key in the tree and what betterproto2 knows of it."""
    return [
        (field.name, field.name.rstrip("_"), FieldMetadata.get(field))
        for field in dataclasses.fields(definition)  # type: ignore[arg-type]  # all messages are dataclasses
    ]


def _plain(value: Any, metadata: FieldMetadata) -> Any:
    if metadata.proto_type == betterproto2.TYPE_MESSAGE:
        return tree(_message(value, metadata))
    if metadata.proto_type == betterproto2.TYPE_ENUM:
        return value.proto_name or value.name
    if metadata.proto_type in _WRITTEN_AS_STRINGS:
        return str(value)  # also of what is a str and more
    if metadata.proto_type == betterproto2.TYPE_BYTES:
        return base64.b64encode(value).decode()
    return value


def _message(value: Any, metadata: FieldMetadata) -> betterproto2.Message:
    """A field's message, also where its library has a plain value for it: a number, a timedelta."""
    wrapper: Any = metadata.unwrap() if metadata.unwrap is not None else None
    message: betterproto2.Message = value if wrapper is None else wrapper.from_wrapped(value)
    return message


def filled(template: Tree, values: Holes) -> Tree:
    """A copy of the template that has, wherever one of these keys is a value, what it stands for.

    Args:
        template: a message as plain values. No two copies share anything, so YAML needs no anchors.
        values: by what stands in the template, what is to stand in the copy.
    """
    copy: Tree = _filled(template, values)
    return copy


def _filled(value: Any, values: Holes) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return values.get(value, value)
