"""Messages as plain values, as Envoy and the library that defines them read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import betterproto2
import pytest
from envoy_data_plane.envoy.config.bootstrap.v3 import Bootstrap

from extproc.bootstrap import Surroundings, render
from extproc.bootstrap.tree import tree
from extproc.bootstrap.typed import any_of, seconds
from extproc.config import parse
from extproc.contract import Role
from extproc.core.resources import Resources
from extproc.envoy_api import definitions
from extproc.envoy_api.messages import Buffer, SocketAddress
from extproc.run_directory import RunDirectory

TEXT = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: a, default: true}
  - {model: anthropic/*, access_key: b, headers: {X-Team: red}}
routing_preferences:
  - {name: code, description: writing code, models: [openai/gpt-4o, anthropic/claude],
     hedge: true}
ratelimits:
  - {model: openai/gpt-4o, selector: {key: x-team}, limit: {tokens: 1000, unit: minute}}
dragoman: {counters: {path: counters.db}}
tracing: {random_sampling: 50}
"""
SURROUNDINGS = Surroundings(
    RunDirectory(Path("/run"), workers=2),
    stats_port=9901,
    resources=Resources(100, memory=2**30, pressure_path="/run/pressure"),
)


def test_the_library_that_defines_the_messages_reads_the_bootstrap_whole() -> None:
    """It refuses fields that it does not know, and values of another type."""
    rendered = render(parse(TEXT, {}).config, SURROUNDINGS)
    definitions.render()  # the library knows the messages whose modules are loaded
    read = Bootstrap.from_dict(rendered)
    by_library = read.to_dict(casing=betterproto2.Casing.SNAKE)
    assert list(steps(rendered)) == list(steps(by_library))


def steps(value: Any) -> Iterator[Any]:
    """All that is in a tree, in its order; numbers and durations by what they come to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from steps(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from steps(inner)
    else:
        try:
            yield float(str(value).removesuffix("s"))
        except ValueError:
            yield value


def test_strings_are_no_more_than_strings() -> None:
    """YAML would not know what else to write."""
    address = tree(SocketAddress(address=Role.INGRESS))["address"]
    assert (type(address), address) == (str, Role.INGRESS.value)


def test_a_message_of_any_type_says_which_it_is() -> None:
    url = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer"
    assert any_of(Buffer(max_request_bytes=7)) == {"@type": url, "max_request_bytes": 7}


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        (0, "0s"),
        (5, "5s"),
        (0.25, "0.25s"),
        (100.0, "100s"),
        (1e-6, "0.000001s"),
        (1e6, "1000000s"),
    ],
)
def test_a_duration(duration: float, written: str) -> None:
    assert seconds(duration) == written
