from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.helpers.house import House
from tests.helpers.house import house as start


@pytest.fixture(scope="session")
async def besieged_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with start(tmp_path_factory.mktemp("besieged")) as running:
        yield running


@pytest.fixture
def house(besieged_house: House) -> House:
    """A house for attacks, with providers that remember nothing and behave."""
    besieged_house.clear()
    return besieged_house
