"""The descriptors that the package carries are those of Envoy's definitions."""

from __future__ import annotations

import pytest
from envoy_data_plane.envoy.config.core.v3 import HeaderMap, HeaderValue
from envoy_data_plane.envoy.service.ext_proc.v3 import HttpBody

from extproc.transport.descriptors import RENDERED, message_classes
from extproc.transport.rendering import ROOTS, render


def test_the_rendered_descriptors_are_in_step() -> None:
    assert RENDERED.read_bytes() == render(*ROOTS), "run make wire"


def test_what_a_root_refers_to_is_rendered_with_it() -> None:
    message = message_classes(render(HttpBody, HeaderMap))
    body = message("envoy.service.ext_proc.v3.HttpBody")
    headers = message("envoy.config.core.v3.HeaderMap")
    assert body(body=b"x").SerializeToString() == bytes(HttpBody(body=b"x"))
    assert headers(headers=[{"key": "a"}]).SerializeToString() == bytes(
        HeaderMap(headers=[HeaderValue(key="a")])
    )


def test_what_no_root_refers_to_is_not_there() -> None:
    with pytest.raises(KeyError):
        message_classes(render(HttpBody))("envoy.config.core.v3.HeaderMap")
