"""One sidecar for all tests of a room that neither stop nor break it.

A room's conftest takes these fixtures over. A module with a configuration of its own has a
``shared_house`` of its own, for itself, which ``house`` then is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.helpers import house as houses
from tests.helpers.house import House

__all__ = ["house", "shared_house"]


@pytest.fixture(scope="session")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with houses.house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def house(shared_house: House) -> House:
    """The shared house, with providers that remember nothing and behave."""
    shared_house.clear()
    return shared_house
