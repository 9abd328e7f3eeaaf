"""The soak can be run: each kind of its traffic comes to what it should."""

from __future__ import annotations

import httpx
import pytest

from benchmarks.setups import KEY
from benchmarks.soak import main
from benchmarks.traffic import CONFIGURATION, KINDS, TrafficError, behaving
from extproc.config import parse
from extproc.demo.provider import FakeProvider
from extproc.sidecar.supervisor import sidecar
from tests.helpers.ports import free_port


async def test_every_kind_of_request_comes_to_what_it_should() -> None:
    async with FakeProvider("fake", strict=False) as provider:
        behaving(provider)
        text = CONFIGURATION.format(
            port=free_port(), url=provider.url, key=KEY, admin_port=free_port(), more=""
        )
        loaded = parse(text, {KEY: "no-secret"})
        async with (
            sidecar(loaded.config, loaded.secrets, access_log="/dev/null") as running,
            httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=30) as client,
        ):
            for _, send in KINDS.values():
                await send(client)
            await provider.stop()
            with pytest.raises(TrafficError, match="instead of 200"):
                await KINDS["whole answer"][1](client)


def test_what_was_held_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["--minutes", "0.05", "--rate", "20", "--workers", "1"]) == 0
    shown = capsys.readouterr().out
    for told in ("supervisor", "observer", "worker 0", "envoy", "0 not as they should be"):
        assert told in shown


def test_durations_that_cannot_be() -> None:
    with pytest.raises(SystemExit):
        main(["--minutes", "0"])
