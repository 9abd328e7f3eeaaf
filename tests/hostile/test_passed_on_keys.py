"""One client's exhausted key is not everybody's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, House
from tests.helpers.house import house as start

PASSED_ON = CONFIG.replace("access_key: $ALPHA_KEY, default: true", "passthrough_auth: true")
EXHAUSTED = Behaviour(status=429, headers=(("retry-after", "60"),))


@pytest.fixture
async def sharing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house whose first model is asked with the clients' own keys."""
    directory = tmp_path_factory.mktemp("sharing")
    async with start(directory, config=PASSED_ON, cooldowns=True) as running:
        yield running


async def test_it_sets_the_model_back_for_nobody(sharing: House) -> None:
    sharing.alpha.script(*[EXHAUSTED] * 6)
    for _ in range(6):
        answer = await sharing.chat(headers={"authorization": "Bearer exhausted"})
        assert answer.headers["x-dragoman-model"] == "beta/model-b"
    receipt = await sharing.receipt(answer)
    assert receipt["attempts"][0]["status"] == 429, "what is learned of an attempt is known by now"
    assert (await sharing.snapshot())["cooldowns"] == {}
    answer = await sharing.chat(headers={"authorization": "Bearer another"})
    assert answer.headers["x-dragoman-model"] == "alpha/model-a"
