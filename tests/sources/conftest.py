"""A fake server of prices."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.helpers.price_server import PriceServer, price_server

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_PROXIES, *map(str.upper, _PROXIES), *_AUTHORITIES):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def server() -> AsyncIterator[PriceServer]:
    async with price_server() as serving:
        yield serving
