"""A sidecar with a fake OpenAI and a fake Anthropic behind it, each strict in its own dialects."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from extproc.config import parse
from extproc.demo.provider import FakeProvider
from extproc.sidecar.supervisor import sidecar
from tests.helpers.ports import free_port
from tests.helpers.transport import on_chosen_transport

__all__ = ["KEYS", "Gateway", "gateway"]

KEYS = {"OPENAI_API_KEY": "key-of-openai", "ANTHROPIC_API_KEY": "key-of-anthropic"}


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where clients connect, and who answers them."""

    url: str
    openai: FakeProvider
    anthropic: FakeProvider
    log: Path

    def clear(self) -> None:
        self.openai.clear()
        self.anthropic.clear()

    async def refused(self, since: int) -> Sequence[str]:
        """What clients asked in vain since the log was this long: method, path, status, reason."""
        mark = f"/{uuid.uuid4()}"
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            await client.get(mark)
        async with asyncio.timeout(15):
            while mark not in (text := self.log.read_text()):
                await asyncio.sleep(0.1)
        lines = map(json.loads, text[since:].splitlines())
        return [
            f"{line['method']} {line['path']} {line['status']} {line['details']}"
            for line in lines
            if line["log"] == "request" and line["status"] >= 400 and line["path"] != mark
        ]


@contextlib.asynccontextmanager
async def gateway(config: Mapping[str, Any], directory: Path) -> AsyncIterator[Gateway]:
    """Start providers and sidecar.

    Args:
        config: a configuration; its providers are replaced by the fake ones, the addresses that it
            listens on by free ports.
        directory: for the access log.
    """
    log = directory / "access.log"
    async with FakeProvider("openai") as openai, FakeProvider("anthropic") as anthropic:
        urls = {"openai": openai.url, "anthropic": anthropic.url}
        told = {
            **config,
            "listeners": [
                {"type": "model", "name": "llm", "address": "127.0.0.1", "port": free_port()}
            ],
            "model_providers": [
                entry | {"base_url": urls[entry["model"].partition("/")[0]]}
                for entry in config["model_providers"]
            ],
            "dragoman": {"admin_address": f"127.0.0.1:{free_port()}", "cooldowns": False},
        }
        loaded = parse(yaml.safe_dump(told), KEYS)
        settled = on_chosen_transport(loaded.config)
        async with sidecar(settled, loaded.secrets, access_log=str(log)) as running:
            yield Gateway(running.url, openai, anthropic, log)
