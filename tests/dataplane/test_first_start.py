"""What may be wrong around a sidecar when it is started, and what it says then."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extproc.demo.provider import FakeProvider
from tests.helpers.command import CONFIG, ask, up
from tests.helpers.ports import free_port


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


async def test_dead_sources_hold_it_up_for_three_seconds_together(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    dead = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = dead.sockets[0].getsockname()[1]
    sources = f"""
model_metrics_sources:
  - {{type: cost, provider: custom, url: "http://127.0.0.1:{port}/prices", refresh_interval: 60}}
  - {{type: latency, provider: prometheus, url: "http://127.0.0.1:{port}", query: up,
     refresh_interval: 60}}
"""
    async with dead, up(tmp_path, provider.url, workers=1, more=sources) as command:
        assert (await ask(command.url)).status_code == 200
        log = await command.said("listening on http")
    assert "pricing within 3s (not read yet): going on without" in log
    assert "no prometheus latency metrics within 3s (not read yet): going on without" in log
    moments = {
        words: datetime.fromisoformat(line[:19])
        for line in log.splitlines()
        for words in ("metrics and decisions are on", "listening on http")
        if words in line
    }
    began, listening = moments["metrics and decisions are on"], moments["listening on http"]
    assert (listening - began).total_seconds() <= 6, "three seconds, and Envoy's start"


def refused(path: Path, text: str, *command: str, **options: Any) -> str:
    """What ``dragoman`` says when it does not start."""
    config = path / "config.yaml"
    config.write_text(text)
    ended = subprocess.run(
        [sys.executable, "-m", "extproc.cli", *command, str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    said: str = ended.stderr
    return said


def configuration(port: int | None = None, admin_port: int | None = None) -> str:
    return CONFIG.format(
        port=port or free_port(),
        admin_port=admin_port or free_port(),
        upstream="https://localhost:1",
        settings="",
    )


def test_no_place_for_files(tmp_path: Path) -> None:
    """As on a full disk: files can be made, and nothing written into them."""

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    said = refused(tmp_path, configuration(), "up", preexec_fn=full)
    assert "no directory can be made for the sockets that Envoy and the router meet at" in said
    assert "File too large" in said


@pytest.mark.parametrize("command", ["check", "up"])
@pytest.mark.parametrize("path", ["/no/such/file.pem", "/tmp", "/etc/hostname"])
def test_authorities_that_cannot_be_read(tmp_path: Path, command: str, path: str) -> None:
    text = configuration() + f"overrides: {{upstream_tls_ca_path: {path}}}\n"
    assert f"config.yaml: overrides.upstream_tls_ca_path: {path} " in refused(
        tmp_path, text, command
    )


def test_authorities_of_another_machine_do_not_keep_a_bootstrap_from_being_rendered(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(configuration() + "overrides: {upstream_tls_ca_path: /of/envoys/own.pem}\n")
    rendered = subprocess.run(
        [sys.executable, "-m", "extproc.cli", "bootstrap", str(config)],
        capture_output=True,
        check=True,
    )
    assert b"/of/envoys/own.pem" in rendered.stdout


@pytest.mark.parametrize("command", ["check", "up"])
def test_one_address_for_two(tmp_path: Path, command: str) -> None:
    port = free_port()
    said = refused(tmp_path, configuration(port, admin_port=port), command)
    assert "dragoman.admin_address: is where the listener is" in said


def test_one_address_for_two_by_argument(tmp_path: Path) -> None:
    port = free_port()
    command = ("up", "--admin-address", f"127.0.0.1:{port}")
    said = refused(tmp_path, configuration(port), *command)
    assert f"the listener is on 127.0.0.1:{port} itself: change dragoman.admin_address" in said


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    text = configuration().replace("address: 127.0.0.1,", "address: 192.0.2.1,")
    said = refused(tmp_path, text, "up")
    assert "No interface of this machine has this address: change listeners[].address." in said
