"""Names that need care on their way through headers: models and routes that are not ASCII."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import unquote

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, PROMPT, House
from tests.helpers.house import house as start

NAMES = {"model-a": "modèle-a", "model-b": "模型-b", "code generation": "génération de code 100%"}


@pytest.fixture(scope="module")
async def foreign(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    config = CONFIG
    for name, other in NAMES.items():
        config = config.replace(name, other)
    async with start(tmp_path_factory.mktemp("foreign"), config=config) as house:
        yield house


async def test_failover_between_models_that_are_not_ascii(foreign: House) -> None:
    foreign.alpha.script(Behaviour(status=503))
    response = await foreign.chat(PROMPT)
    assert response.status_code == 200
    assert response.json()["model"] == "模型-b"
    assert unquote(response.headers["x-dragoman-model"]) == "beta/模型-b"
    assert unquote(response.headers["x-dragoman-route"]) == "génération de code 100%"
    assert [exchange.json["model"] for exchange in foreign.alpha.exchanges] == ["modèle-a"]
