"""What tests of containers need of the machine."""

from __future__ import annotations

import pytest

from tests.helpers.missing import missing
from tests.packaging.containers import means


@pytest.fixture(scope="session")
def containers() -> None:
    """What a test needs that runs containers."""
    if means() is None:
        missing(
            "this machine lets nobody make namespaces (see user.max_user_namespaces), and has no "
            "proot that works instead: apt-get install proot"
        )
