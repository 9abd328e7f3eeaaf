"""Renders the definitions of Envoy's messages that ``wire`` needs: ``make wire``.

``envoy-data-plane`` has the definitions: field numbers, types, oneofs. They change only with its
version, and to turn them into protobuf descriptors at every start would cost each worker a third
of a second and 38 MB. So the package carries them rendered, and a test holds them in step.

Enumerations become ``int32``, as they are on the wire. Every field has explicit presence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import betterproto2
from betterproto2 import FieldMetadata
from envoy_data_plane.envoy.service.accesslog.v3 import StreamAccessLogsMessage
from envoy_data_plane.envoy.service.ext_proc.v3 import (
    HeaderMutation,
    ProcessingRequest,
    ProcessingResponse,
)
from envoy_data_plane.envoy.service.ratelimit.v3 import RateLimitRequest, RateLimitResponse
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from extproc.transport.descriptors import PACKAGE, RENDERED, flat_name

__all__ = ["ROOTS", "render"]

Definition: TypeAlias = type[betterproto2.Message]

ROOTS: tuple[Definition, ...] = (
    ProcessingRequest,
    ProcessingResponse,
    HeaderMutation,
    StreamAccessLogsMessage,
    RateLimitRequest,
    RateLimitResponse,
)
"""What is read and written. All that they refer to is rendered with them."""

_SCALARS = {
    name: getattr(FieldDescriptorProto, f"TYPE_{name.upper()}")
    for name in (
        "bool", "bytes", "double", "fixed32", "fixed64", "float", "int32", "int64", "sfixed32",
        "sfixed64", "sint32", "sint64", "string", "uint32", "uint64",
    )
} | {"enum": FieldDescriptorProto.TYPE_INT32}  # fmt: skip


def _anatomy(definition: Definition) -> Any:
    """What betterproto2 knows of a definition: ``meta_by_field_name`` and ``cls_by_field``."""
    return getattr(definition, "_betterproto")  # noqa: B009 - its descriptor is typed too narrowly


def _name(definition: Definition) -> str:
    name = f"{definition.__module__}.{definition.__qualname__}"
    return flat_name(name.removeprefix("envoy_data_plane."))


def _field_definition(
    definition: Definition, field: str, metadata: FieldMetadata
) -> Definition | None:
    """The message that a field holds: None for scalars and enumerations."""
    if metadata.unwrap is not None:
        unwrapped: Definition = metadata.unwrap()
        return unwrapped
    if metadata.proto_type in ("message", "map"):
        inner: Definition = _anatomy(definition).cls_by_field[field]
        return inner
    return None


def _reachable(roots: tuple[Definition, ...]) -> Iterator[Definition]:
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        definition = waiting.pop()
        if _name(definition) in seen:
            continue
        seen.add(_name(definition))
        yield definition
        for field, metadata in _anatomy(definition).meta_by_field_name.items():
            if metadata.proto_type != "map":
                inner = _field_definition(definition, field, metadata)
                if inner is not None:
                    waiting.append(inner)
            elif metadata.map_meta and metadata.map_meta[1].proto_type == "message":
                waiting.append(_anatomy(definition).cls_by_field[f"{field}.value"])


def _scalar_or_message(
    target: FieldDescriptorProto, metadata: FieldMetadata, inner: Definition | None
) -> None:
    if inner is None:
        target.type = _SCALARS[metadata.proto_type]
    else:
        target.type = FieldDescriptorProto.TYPE_MESSAGE
        target.type_name = f".{PACKAGE}.{_name(inner)}"


def _describe(definition: Definition) -> DescriptorProto:
    described = DescriptorProto(name=_name(definition))
    oneofs: dict[str, int] = {}
    classes = _anatomy(definition).cls_by_field
    for field, metadata in _anatomy(definition).meta_by_field_name.items():
        target = described.field.add(
            name=field, number=metadata.number, label=FieldDescriptorProto.LABEL_OPTIONAL
        )
        if metadata.proto_type == "map":
            assert metadata.map_meta is not None  # noqa: S101 - what a map is
            entry = described.nested_type.add(name=f"{field.title().replace('_', '')}Entry")
            entry.options.map_entry = True
            for name, part in zip(("key", "value"), metadata.map_meta, strict=True):
                inner = classes[f"{field}.value"] if part.proto_type == "message" else None
                _scalar_or_message(
                    entry.field.add(
                        name=name, number=part.number, label=FieldDescriptorProto.LABEL_OPTIONAL
                    ),
                    part,
                    inner,
                )
            target.label = FieldDescriptorProto.LABEL_REPEATED
            target.type = FieldDescriptorProto.TYPE_MESSAGE
            target.type_name = f".{PACKAGE}.{described.name}.{entry.name}"
            continue
        if metadata.repeated:
            target.label = FieldDescriptorProto.LABEL_REPEATED
        _scalar_or_message(target, metadata, _field_definition(definition, field, metadata))
        if metadata.group:
            if metadata.group not in oneofs:
                oneofs[metadata.group] = len(described.oneof_decl)
                described.oneof_decl.add(name=metadata.group)
            target.oneof_index = oneofs[metadata.group]
    return described


def render(*roots: Definition) -> bytes:
    """A serialized ``FileDescriptorProto`` of definitions and all that they refer to.

    Args:
        roots: message classes of ``envoy-data-plane``.
    """
    file = FileDescriptorProto(name=RENDERED.name, package=PACKAGE, syntax="proto2")
    described = (_describe(definition) for definition in _reachable(roots))
    file.message_type.extend(sorted(described, key=lambda message: message.name))
    return file.SerializeToString(deterministic=True)


if __name__ == "__main__":
    RENDERED.write_bytes(render(*ROOTS))
