"""Envoy's messages on protobuf's C runtime.

``envoy-data-plane`` defines the messages but reads and writes them in Python, which costs more
than everything else on a request's path. Here their definitions (field numbers, types, oneofs) are
turned into protobuf descriptors once, at import; what travels is parsed and built by protobuf's C
runtime.

Enumerations become ``int32``, as they are on the wire. Every field has explicit presence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import betterproto2
from betterproto2 import FieldMetadata
from envoy_data_plane.envoy.service.ext_proc.v3 import HeaderMutation as HeaderMutationDefinition
from envoy_data_plane.envoy.service.ext_proc.v3 import (
    ProcessingRequest as ProcessingRequestDefinition,
)
from envoy_data_plane.envoy.service.ext_proc.v3 import (
    ProcessingResponse as ProcessingResponseDefinition,
)
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

__all__ = ["HeaderMutation", "Message", "ProcessingRequest", "ProcessingResponse"]

Message: TypeAlias = Any
"""A message of the C runtime: its definition knows its fields, the type checker does not."""

Definition: TypeAlias = type[betterproto2.Message]

_FILE = "dragoman_wire.proto"
_PACKAGE = "dragoman.wire"
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


def _flat_name(definition: Definition) -> str:
    return f"{definition.__module__}.{definition.__qualname__}".replace(".", "_")


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
        if _flat_name(definition) in seen:
            continue
        seen.add(_flat_name(definition))
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
        target.type_name = f".{_PACKAGE}.{_flat_name(inner)}"


def _describe(definition: Definition) -> DescriptorProto:
    described = DescriptorProto(name=_flat_name(definition))
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
            target.type_name = f".{_PACKAGE}.{described.name}.{entry.name}"
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


def compile_messages(*roots: Definition) -> tuple[Message, ...]:
    """Turn definitions, and all that they refer to, into classes of protobuf's C runtime.

    Args:
        roots: message classes of ``envoy-data-plane``.

    Returns:
        The compiled class of each root, in the same order.
    """
    file = FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto2")
    file.message_type.extend(_describe(definition) for definition in _reachable(roots))
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return tuple(
        message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{_PACKAGE}.{_flat_name(root)}")
        )
        for root in roots
    )


ProcessingRequest, ProcessingResponse, HeaderMutation = compile_messages(
    ProcessingRequestDefinition, ProcessingResponseDefinition, HeaderMutationDefinition
)
