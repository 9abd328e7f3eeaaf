"""The definitions of Envoy's messages as the package carries them: protobuf descriptors in a file.

``rendering`` writes the file, ``wire`` makes classes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool, message_factory

__all__ = ["PACKAGE", "RENDERED", "flat_name", "message_classes"]

RENDERED = Path(__file__).with_name("messages.binpb")
"""A serialized ``FileDescriptorProto``."""

PACKAGE = "dragoman.wire"
"""Ours and not Envoy's, for these are not its whole definitions: enumerations are ``int32``."""


def flat_name(name: str) -> str:
    """What a message is called in ``PACKAGE``.

    Args:
        name: Envoy's full name for it, such as ``envoy.service.ext_proc.v3.HttpBody``.
    """
    return name.replace(".", "_")


def message_classes(descriptors: bytes) -> Callable[[str], Any]:
    """Look up classes of protobuf's C runtime.

    Args:
        descriptors: a serialized ``FileDescriptorProto`` of ``PACKAGE``.

    Returns:
        Maps Envoy's full name for a message to its class; raises ``KeyError`` for one that is
        not among the descriptors.
    """
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(descriptors)
    return lambda name: message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f"{PACKAGE}.{flat_name(name)}")
    )
