"""A room imports only from the rooms under it, and modules never in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import extproc

FLOORS = (
    "cli",
    "demo",
    "doctor",
    "sidecar",
    "worker",
    "observer",
    "web_console",
    "terminal",
    "explain",
    "evaluation",
    "gateways",
    "bootstrap",
    "envoy_api",
    "tracing",
    "ledger",
    "telemetry",
    "config",
    "router",
    "forwarder",
    "guards",
    "sources",
    "link",
    "injection",
    "intent",
    "ranking",
    "pii",
    "dialects",
    "providers",
    "affinity",
    "quotas",
    "transport",
    "document",
    "redis_client",
    "sqlite_file",
    "run_directory",
    "console",
    "core",
    "contract",
    "errors",
)
"""Top floor first. Rooms on different floors that have nothing to do with each other are in the
order in which a request, or the reading of a file, goes down."""

CORE_MAY_IMPORT = {"extproc.contract", "extproc.errors"}

PACKAGE = Path(extproc.__file__).parent


def modules() -> dict[str, Path]:
    """Every module of ours and where it is."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        steps = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(steps[:-1] if steps[-1] == "__init__" else steps)] = path
    return found


MODULES = modules()


def imported(module: str) -> set[str]:
    """The modules of ours that a module imports, at whatever depth of it."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            # What is no module is a name in one.
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name in MODULES and name != module}


def room(module: str) -> str:
    """The room of a module; empty for the house itself."""
    return ".".join(module.split(".")[1:2])


def height(module: str) -> int:
    """How many floors are under a module, its own included."""
    return len(FLOORS) - FLOORS.index(room(module))


def climbing() -> Iterator[str]:
    for module in MODULES:
        for other in sorted(imported(module)):
            if room(module) and room(other) and height(other) > height(module):
                yield f"{module} imports {other}"


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in MODULES} - {""} == set(FLOORS)


def test_nobody_imports_from_above() -> None:
    assert list(climbing()) == []


def test_modules_import_each_other_in_no_circle() -> None:
    TopologicalSorter({module: imported(module) for module in MODULES}).prepare()


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) == "core"])
def test_the_ground_floor_stands_alone(module: str) -> None:
    others = {name for name in imported(module) if room(name) != "core"}
    assert others <= CORE_MAY_IMPORT


def modules_loaded_by(module: str) -> set[str]:
    """What a fresh interpreter loads with a module."""
    shown = subprocess.run(
        [sys.executable, "-c", f"import {module}, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(shown.stdout.split())


def loaded_by(module: str) -> set[str]:
    """The packages that a fresh interpreter loads with a module."""
    return {name.partition(".")[0] for name in modules_loaded_by(module)}


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("extproc.core.config_json", {"pydantic", "yaml", "orjson", "httpx"}),
        ("extproc.link.worker_end", {"pydantic", "yaml", "httpx"}),
        ("extproc.router", {"pydantic", "yaml", "httpx"}),
        ("extproc.affinity", {"pydantic", "yaml", "redis"}),
        ("extproc.intent.choice", {"pydantic", "yaml", "httpx"}),
        ("extproc.worker.process", {"yaml", "httpx", "redis"}),
    ],
)
def test_what_a_worker_loads_is_light(module: str, heavy: set[str]) -> None:
    assert loaded_by(module) & heavy == set()


def test_the_bootstrap_is_written_without_the_library_that_defines_its_messages() -> None:
    loaded = loaded_by("extproc.bootstrap")
    assert loaded.isdisjoint({"envoy_data_plane", "betterproto2", "pydantic"})


def test_what_starts_the_others_does_without_httpx() -> None:
    """All wait until it is loaded."""
    assert loaded_by("extproc.sidecar.supervisor").isdisjoint({"httpx", "rich"})


def test_a_worker_does_without_pydantic() -> None:
    loaded = loaded_by("extproc.worker.process")
    assert loaded.isdisjoint({"pydantic", "yaml", "envoy_data_plane"})


def test_an_http_client_waits_until_there_are_sources() -> None:
    assert loaded_by("extproc.observer.process").isdisjoint({"httpx", "rich", "yaml"})


def test_opentelemetrys_sdk_waits_until_requests_are_traced() -> None:
    loaded = modules_loaded_by("extproc.observer.process")
    assert "extproc.tracing.traces" in loaded
    assert not {"opentelemetry.sdk", "opentelemetry.exporter", "requests"} & loaded
