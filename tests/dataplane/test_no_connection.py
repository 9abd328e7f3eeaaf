"""A provider that cannot be reached: the error and the log say why, and what to do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx

from extproc.config import parse
from extproc.sidecar.supervisor import sidecar
from tests.helpers.ports import free_port

CONFIG = """
version: v0.4.0
listeners: [{{type: model, name: llm, address: 127.0.0.1, port: {port}}}]
model_providers:
  - {{model: a/unnamed, base_url: "https://nobody.invalid/v1", provider_interface: openai,
     access_key: literal-key}}
  - {{model: b/closing, base_url: "http://127.0.0.1:{closing}", provider_interface: openai,
     access_key: literal-key}}
  - {{model: d/refusing, base_url: "http://127.0.0.1:{nobody}", provider_interface: openai,
     access_key: literal-key}}
  - {{model: e/babbling, base_url: "http://127.0.0.1:{babbling}", provider_interface: openai,
     access_key: literal-key}}
dragoman: {{admin_address: "127.0.0.1:{admin}"}}
"""
SAID = {
    "a/unnamed": "its name cannot be resolved",
    "b/closing": "it closed the connection without an answer",
    "d/refusing": "it refuses connections",
    "e/babbling": "what it sent is no HTTP",
}


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.close()


async def babbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"220 this is no HTTP\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_the_cause_is_told(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    servers = [await asyncio.start_server(each, "127.0.0.1", 0) for each in (closing, babbling)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    text = CONFIG.format(
        port=free_port(),
        admin=free_port(),
        nobody=free_port(),
        closing=ports[0],
        babbling=ports[1],
    )
    loaded = parse(text, {})
    async with (
        sidecar(loaded.config, loaded.secrets, access_log=str(log)) as running,
        httpx.AsyncClient(base_url=running.url, timeout=20, trust_env=False) as client,
    ):
        for model, words in SAID.items():
            body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
            response = await client.post("/v1/chat/completions", json=body)
            assert response.status_code in (502, 503)
            message = response.json()["error"]["message"]
            assert message.startswith(f"The provider of {model} gave no answer: {words}"), message
            assert "literal-key" not in response.text
    for server in servers:
        server.close()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    refused = [line for line in lines if line.get("model") == "d/refusing" and "upstream" in line]
    assert "Connection_refused" in refused[0]["details"]
