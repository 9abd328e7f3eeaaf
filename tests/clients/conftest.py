"""What `make clients` sets up: environments with the tools, and where they connect."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.agents import FindTool
from tests.helpers.client_page import configuration
from tests.helpers.desk import Desk
from tests.helpers.gateway import Gateway, gateway
from tests.helpers.missing import missing

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_WHERE = {
    "project": Path(sys.executable).parent,
    "frameworks": _ROOT / ".venv-frameworks" / "bin",
    "aider": _ROOT / ".venv-aider" / "bin",
    "npm": _HERE / "node_modules" / ".bin",
}


@pytest.fixture(scope="session")
def tool() -> FindTool:
    """Where a program of one of the environments is."""

    def find(environment: str, name: str) -> Path:
        path = _WHERE[environment] / name
        if not path.exists():
            missing(f"{path} is missing: `make clients` installs it")
        return path

    return find


@pytest.fixture(scope="session")
async def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with gateway(configuration(), tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def here(shared_gateway: Gateway) -> Gateway:
    """The shared gateway, with providers that remember nothing and behave."""
    shared_gateway.clear()
    return shared_gateway


@pytest.fixture
def desk(here: Gateway, tmp_path: Path) -> Desk:
    return Desk(here.url, tmp_path)
