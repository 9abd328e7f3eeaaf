from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import anthropic
import openai
import pytest

from extproc.core.models import Dialect
from tests.helpers.house import House
from tests.helpers.programs import Client
from tests.helpers.realistic import clients, realistic_house
from tests.helpers.shared_house import house, shared_house

__all__ = ["house", "shared_house"]


@pytest.fixture(scope="session")
async def shared_realistic_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with realistic_house(tmp_path_factory.mktemp("realistic")) as running:
        yield running


@pytest.fixture
def realistic(shared_realistic_house: House) -> House:
    """The shared house of realistic models, with providers that remember nothing and behave."""
    shared_realistic_house.clear()
    return shared_realistic_house


@pytest.fixture(scope="session")
async def sdks(shared_realistic_house: House) -> AsyncIterator[Mapping[Dialect, Client]]:
    """The SDKs in front of it."""
    async with clients(shared_realistic_house.url) as made:
        yield made


@pytest.fixture
async def openai_client(house: House) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{house.url}/v1", api_key="client", max_retries=0
    ) as client:
        yield client


@pytest.fixture
async def anthropic_client(house: House) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        base_url=house.url, api_key="client", max_retries=0
    ) as client:
        yield client
