"""What tests of containers need of the machine."""

from __future__ import annotations

import pytest

from tests.packaging.containers import containable


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skips where this machine lets nobody make namespaces, which containers are made of."""
    if not containable():
        pytest.skip("this machine lets nobody make namespaces: see user.max_user_namespaces")
