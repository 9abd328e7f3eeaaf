"""Messages as plain values: what betterproto2 makes of them, only sooner."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import betterproto2
import pytest
from envoy_data_plane.envoy.config.core.v3 import Metadata, SocketAddress, SocketAddressProtocol
from envoy_data_plane.envoy.config.route.v3 import RouteMatch
from envoy_data_plane.envoy.extensions.filters.http.buffer.v3 import Buffer
from envoy_data_plane.envoy.type.v3 import Int64Range
from envoy_data_plane.google.protobuf import Any as Packed
from envoy_data_plane.google.protobuf import DoubleValue, Duration, Struct, Value

from extproc.bootstrap.attempt_listener import attempt_listener
from extproc.bootstrap.clusters import attempts_cluster, observer_cluster
from extproc.bootstrap.ingress_listener import ingress_listener
from extproc.bootstrap.overload import overload_manager
from extproc.bootstrap.tree import Wrapped, tree
from extproc.bootstrap.typed import any_of, seconds
from extproc.config import parse
from extproc.contract import Role
from extproc.core.resources import UNMEASURED

TEXT = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: a, default: true}
  - {model: anthropic/*, access_key: b, headers: {X-Team: red}}
routing_preferences:
  - {name: code, description: writing code, models: [openai/gpt-4o, anthropic/claude],
     hedge: true}
tracing: {random_sampling: 50}
"""


def test_the_bootstrap_is_what_its_library_writes() -> None:
    config = parse(TEXT, {}).config
    for message in (
        ingress_listener(config, "/log", "attempts"),
        attempt_listener(config, "/log"),
        attempts_cluster("attempts", config),
        observer_cluster("observer", Path("/run/observer.sock")),
        overload_manager(UNMEASURED),
    ):
        by_library = message.to_dict(casing=betterproto2.Casing.SNAKE)
        assert by_library
        assert list(steps(tree(message))) == list(steps(by_library))


def steps(value: Any) -> Iterator[Any]:
    """All that is in a tree, in its order."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from steps(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from steps(inner)
    else:
        yield value


@pytest.mark.parametrize(
    "message",
    [
        RouteMatch(prefix="", grpc=None, case_sensitive=False),
        SocketAddress(address="::1", protocol=SocketAddressProtocol.UDP, port_value=0),
        Int64Range(start=-(2**63), end=0),
        Metadata(
            filter_metadata={"b": Struct(fields={"c": Value(number_value=0.5)}), "a": Struct()}
        ),
        Buffer(max_request_bytes=0),
        any_of(Duration.from_timedelta(datetime.timedelta(milliseconds=1500))),
        any_of(DoubleValue(value=2.5)),
        Packed.pack(Buffer(max_request_bytes=2**20)),
        Packed(),
        Packed(value=b"\0\xff"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_message_is_what_its_library_writes(message: betterproto2.Message) -> None:
    assert tree(message) == message.to_dict(casing=betterproto2.Casing.SNAKE)


def test_strings_are_no_more_than_strings() -> None:
    """YAML would not know what else to write."""
    address = tree(SocketAddress(address=Role.INGRESS))["address"]
    assert (type(address), address) == (str, Role.INGRESS.value)


def test_what_is_wrapped_becomes_bytes_where_it_must() -> None:
    inner = Buffer(max_request_bytes=7)
    wrapped = any_of(inner)
    assert isinstance(wrapped, Wrapped)
    assert wrapped == Packed.pack(inner)
    assert wrapped != any_of(Buffer(max_request_bytes=8))
    assert bytes(wrapped) == bytes(Packed.pack(inner))
    assert Packed.parse(bytes(wrapped)).unpack() == inner


def test_only_defined_messages_can_be_wrapped() -> None:
    with pytest.raises(KeyError):
        any_of(betterproto2.Message())


def test_a_duration() -> None:
    assert tree(any_of(Duration.from_timedelta(seconds(0.25))))["value"] == "0.250s"
