"""The messages that the bootstrap is written with are Envoy's."""

from __future__ import annotations

import ast

import betterproto2
import msgspec
import pytest
from envoy_data_plane.envoy.config.core.v3 import SocketAddress as TheirAddress
from envoy_data_plane.envoy.config.core.v3 import SocketAddressProtocol
from envoy_data_plane.envoy.config.route.v3 import RouteMatch as TheirMatch
from envoy_data_plane.envoy.extensions.filters.http.buffer.v3 import Buffer as TheirBuffer

from extproc.envoy_api.definitions import RENDERED, render
from extproc.envoy_api.messages import Buffer, Cluster, ClusterDiscoveryType, Message, RouteMatch
from extproc.envoy_api.messages import SocketAddress as Address


def test_the_messages_are_in_step() -> None:
    """But for how they are laid out, which the formatter decides."""
    rendered = ast.dump(ast.parse(render()))
    assert ast.dump(ast.parse(RENDERED.read_text(encoding="utf-8"))) == rendered, (
        "run make messages"
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (RouteMatch(prefix="", case_sensitive=False), TheirMatch(prefix="", case_sensitive=False)),
        (
            Address(address="::1", port_value=0),
            TheirAddress(address="::1", protocol=SocketAddressProtocol.TCP, port_value=0),
        ),
        (Buffer(max_request_bytes=0), TheirBuffer(max_request_bytes=0)),
    ],
)
def test_what_is_said_is_written_and_defaults_are_not(
    ours: Message, theirs: betterproto2.Message
) -> None:
    written = theirs.to_dict(casing=betterproto2.Casing.SNAKE)
    assert msgspec.to_builtins(ours) == written
    assert ours.proto == "envoy." + type(theirs).__module__.partition("envoy.")[2] + (
        f".{type(theirs).__name__}"
    )


def test_enumerations_are_written_by_name() -> None:
    cluster = Cluster(name="a", type=ClusterDiscoveryType.STATIC)
    assert msgspec.to_builtins(cluster) == {"name": "a", "type": "STATIC"}


def test_only_fields_that_a_message_has_can_be_set() -> None:
    with pytest.raises(TypeError, match="port"):
        Address(port=1)  # type: ignore[call-arg]
