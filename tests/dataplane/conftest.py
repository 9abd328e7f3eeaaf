from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.helpers.house import House
from tests.helpers.house import house as start


@pytest.fixture(scope="session")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with start(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def house(shared_house: House) -> House:
    """The shared house, with providers that remember nothing and behave."""
    shared_house.clear()
    return shared_house
