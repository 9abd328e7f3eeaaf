"""Other gateways that people would pick, as their own documentation starts them for production.

Each does the least that it can: it knows one model, keeps no logs and asks no database, and passes
a chat request on to the upstream. ``make bench-peers`` installs them into environments of their
own, at the versions that ``benchmarks/requirements/`` and ``benchmarks/package.json`` pin.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.workload import MODEL_NAME

__all__ = ["LITELLM", "PORTKEY", "Peer", "Start"]

_ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Start:
    """How to start one: its command, the variables that it gets, and the headers that a client must
    send."""

    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    """A gateway: what it is called, the path that answers 200 once it serves, the file that is
    there once it is installed, and how it starts on a port, before an upstream's base URL, with a
    directory of its own."""

    name: str
    ready_path: str
    installed: Path
    start: Callable[[int, str, Path], Start]


def _litellm(port: int, upstream: str, directory: Path) -> Start:
    config = directory / "config.yaml"
    model = {"model": "openai/benchmark", "api_base": upstream, "api_key": "no-secret"}
    config.write_text(
        json.dumps({"model_list": [{"model_name": MODEL_NAME, "litellm_params": model}]}),
        encoding="utf-8",
    )
    options = ("--config", str(config), "--host", "127.0.0.1", "--port", str(port))
    return Start(
        (str(LITELLM.installed), *options, "--num_workers", "1", "--telemetry", "False"),
        # https://docs.litellm.ai/docs/proxy/prod: logs of errors only, prices from the package.
        # Like the others it asks its clients for no key.
        {
            "LITELLM_LOG": "ERROR",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
        },
    )


def _portkey(port: int, upstream: str, _: Path) -> Start:
    return Start(
        # Without --headless it serves a console that keeps what passes.
        (shutil.which("node") or "node", str(PORTKEY.installed), f"--port={port}", "--headless"),
        {"NODE_ENV": "production"},
        {"x-portkey-provider": "openai", "x-portkey-custom-host": upstream},
    )


LITELLM: Final = Peer(
    "litellm", "/health/liveliness", _ROOT / ".venv-litellm" / "bin" / "litellm", _litellm
)
PORTKEY: Final = Peer(
    "portkey",
    "/",
    _ROOT / "benchmarks/node_modules/@portkey-ai/gateway/build/start-server.js",
    _portkey,
)
