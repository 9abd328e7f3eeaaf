"""The demonstrations under demos/ do what their READMEs say."""

from __future__ import annotations

import asyncio
import re
import subprocess
from dataclasses import replace
from pathlib import Path

from extproc.config import load
from extproc.sidecar.supervisor import sidecar
from tests.helpers.ports import free_port

DEMOS = Path(__file__).parents[2] / "demos"


async def test_the_routing_service(tmp_path: Path) -> None:
    demo = DEMOS / "model_routing_service"
    loaded = load(demo / "config.yaml", {"OPENAI_API_KEY": "any", "ANTHROPIC_API_KEY": "any"})
    config = replace(
        loaded.config,
        listener=replace(loaded.config.listener, port=free_port()),
        admin=replace(loaded.config.admin, port=0),
    )
    async with sidecar(config, loaded.secrets, access_log=str(tmp_path / "log")) as running:
        shown = await asyncio.to_thread(
            subprocess.run,
            [demo / "demo.sh"],
            env={"DRAGOMAN_URL": running.url, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
    routes = re.findall(r'"route":("?\w+"?)', shown.stdout)
    assert routes == [
        '"code_generation"',
        '"complex_reasoning"',
        "null",
        '"code_generation"',
        '"code_generation"',
        '"coding"',
        '"code_generation"',
        '"code_generation"',
    ]
    assert '"models":["openai/gpt-4o-mini","openai/gpt-4o"],"route":"complex_reasoning"' in (
        shown.stdout
    )
    begins, goes_on = shown.stdout.splitlines()[-4], shown.stdout.splitlines()[-1]
    assert '"pinned"' not in begins
    assert '"pinned":true' in goes_on
    assert shown.stdout.count('"pinned"') == 1
