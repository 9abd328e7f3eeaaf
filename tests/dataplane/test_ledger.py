"""What was written down outlives the sidecar, to the last request."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from extproc.cli.arguments import main
from extproc.demo.provider import FakeProvider
from tests.helpers.command import ask, up

SETTINGS = "ledger: ledger.db"


async def test_the_ledger_survives_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeProvider("upstream") as provider:
        async with up(tmp_path, provider.url, workers=1, settings=SETTINGS) as command:
            answers = [await ask(command.url) for _ in range(5)]
            # Envoy has not told of the last ones yet.
            command.process.terminate()
            assert await command.ended(15) == 0
        assert [answer.status_code for answer in answers] == [200] * 5
        config = str(tmp_path / "config.yaml")
        assert main(["report", config, "--by", "model", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["total"]["requests"] == 5
        trace_id = answers[0].headers["x-dragoman-trace-id"]
        async with (
            up(tmp_path, provider.url, workers=1, settings=SETTINGS) as command,
            httpx.AsyncClient(base_url=command.admin_url) as admin,
        ):
            found = await admin.get(f"/decisions/{trace_id}")
            assert found.status_code == 200, found.text
            assert found.json()["trace_id"] == trace_id
            assert found.json()["status"] == 200
            assert (await admin.get("/decisions/unknown")).status_code == 404
            listed = (await admin.get("/decisions?limit=3")).json()["decisions"]
            newest = [answer.headers["x-dragoman-trace-id"] for answer in answers[:-4:-1]]
            assert [receipt["trace_id"] for receipt in listed] == newest
            assert (await admin.get("/costs")).json()["total"]["requests"] == 5
