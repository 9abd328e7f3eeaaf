"""Where the admin port is found on the machine that it listens on."""

from __future__ import annotations

import pytest

from extproc.core.config import Admin


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9192"),
        ("10.1.2.3", "http://10.1.2.3:9192"),
        ("0.0.0.0", "http://127.0.0.1:9192"),
        ("::1", "http://[::1]:9192"),
        ("::", "http://[::1]:9192"),
    ],
)
def test_how_it_is_reached(address: str, url: str) -> None:
    assert Admin(address, 9192).local_url == url
