"""``dragoman demo``, as it is started on a terminal or in a pipeline."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from rich.console import Console

from extproc.cli import arguments as cli
from extproc.config import parse
from extproc.demo import show as show_module
from extproc.demo.config import CLIENT_KEY, KEYS
from extproc.demo.outcome import Attempt
from extproc.demo.provider import Behaviour
from extproc.demo.provider.server import BEHAVIOUR_HEADER
from extproc.demo.scenarios import SCENARIOS, SESSION
from extproc.demo.show import show
from extproc.errors import StartError

DEMO = [sys.executable, "-m", "extproc.cli", "demo"]
TITLES = {scenario.title: scenario for scenario in SCENARIOS}


@contextmanager
def demo(
    *arguments: str,
    environment: dict[str, str] | None = None,
    inside: Sequence[str] = (),
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*inside, *DEMO, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "140"} | (environment or {}),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def places(path: Path) -> dict[str, str]:
    """Where files and sockets are to go."""
    return {"TMPDIR": str(path), "XDG_RUNTIME_DIR": str(path)}


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def started(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    """The processes that the demonstration started, once there are as many."""
    while len(found := descendants(process)) < count:
        assert process.poll() is None
        time.sleep(0.02)
    return found


def left_over(processes: list[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=0.5)
    return alive


def test_everything_is_shown_and_held(short_path: Path) -> None:
    with demo(environment=places(short_path)) as process:
        children = started(process, 3)
        output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert f"{len(SCENARIOS) + 1} of {len(SCENARIOS) + 1} expectations held." in output
    for title in TITLES:
        assert f"✓  {title}" in output
    assert len(re.findall(r"(?m)  translated +$", output)) == 4
    assert "calls search" in output
    for attempts in (r"gpt-4o 429 .*\n.*→ gpt-4o-mini 200", r"gpt-4o 503 \(reset\)"):
        assert re.search(attempts, output)
    why = output.partition("Why did “Write a Python function")[2]
    answered = "mistral/mistral-large answered after openai/gpt-4o-mini (429) failed"
    assert answered in " ".join(why.split())
    ranked = r"openai/gpt-4o-mini +0\.75 .*\n.*mistral-large +8 .*\n.*openai/gpt-4o +12\.5 "
    assert re.search(ranked, why)
    assert "keys: each provider saw only its own" in output
    assert not errors
    assert "\x1b" not in output
    assert not [key for key in (CLIENT_KEY, *KEYS.values()) if key in output]
    assert not left_over(children)
    assert not list(short_path.iterdir())


async def test_a_broken_expectation_is_shown_and_fails() -> None:
    usual = TITLES["A 429 with Retry-After: 30"]
    broken = replace(
        usual, expected=replace(usual.expected, attempts=(Attempt("openai/gpt-4o", 200),))
    )
    output = io.StringIO()
    scenarios = [broken, TITLES["Anthropic"], TITLES["Inline routing_preferences"]]
    status = await show(scenarios=scenarios, console=Console(file=output, width=120))
    shown = output.getvalue()
    assert status == 1
    assert "✗  A 429 with Retry-After: 30" in shown
    assert "expected gpt-4o 200\n    seen     gpt-4o 429, gpt-4o-mini 200" in shown
    assert "✓  Anthropic" in shown
    assert "3 of 4 expectations held." in shown
    assert "What Envoy and the router said meanwhile" in shown


async def test_waiting_for_a_slow_model_breaks_an_expectation() -> None:
    usual = TITLES["A reasoning prompt"]
    slow = replace(usual, behaviours={"openai/gpt-4o": Behaviour(delay_headers=0.5)}, within=0.3)
    output = io.StringIO()
    assert await show(scenarios=[slow], console=Console(file=output, width=120)) == 1
    assert "A reasoning prompt: wait" in output.getvalue()


def test_keep_serves_until_interrupted() -> None:
    with demo("--keep") as process:
        assert process.stdout is not None
        lines: list[str] = []
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line, "".join(lines)
            lines.append(line)
        commands = "".join(lines)
        found = re.search(r"stays up on (http://\S+)\. To try", commands)
        assert found is not None
        for path in ("/v1/chat/completions", "/routing/v1/chat/completions", "/v1/models"):
            assert found[1] + path in commands
        kept = httpx.post(
            f"{found[1]}/v1/messages",
            json={"model": "any", "messages": [{"role": "user", "content": "hello"}]},
            headers={"authorization": f"Bearer {CLIENT_KEY}", "x-model-affinity": SESSION},
            trust_env=False,
        )
        assert f"x-model-affinity: {SESSION}" in commands
        assert kept.headers["x-dragoman-pinned"] == "true"
        explain = re.search(r"explain (--admin (http://\S+) [0-9a-f]{32})", commands)
        assert explain is not None
        explained = cli.main(["explain", *explain[1].split()])
        assert explained == 0
        for page in ("metrics", "decisions?limit=3"):
            assert f"{explain[2]}/{page}" in commands
            assert httpx.get(f"{explain[2]}/{page}", trust_env=False).is_success
        providers = re.search(r"^model_providers:\n(?: .*\n)+", commands, re.MULTILINE)
        assert providers is not None
        ours = parse(f"version: v0.4.0\n{providers[0]}", {}).config
        assert [model.provider for model in ours.models] == ["openai", "anthropic", "mistral"]
        for model in ours.models:
            assert model.forward_headers == (BEHAVIOUR_HEADER,)
            said = {"model": "any", "messages": [{"role": "user", "content": "hello"}]}
            key = {"authorization": "Bearer any"}
            address = f"http://{model.endpoint.host}:{model.endpoint.port}/v1/chat/completions"
            assert httpx.post(address, json=said, headers=key, trust_env=False).is_success
            failing = key | {BEHAVIOUR_HEADER: "status=503"}
            failed = httpx.post(address, json=said, headers=failing, trust_env=False)
            assert failed.status_code == 503
        console = re.search(r"Its console is (http://\S+)", commands)
        assert console is not None
        assert "<title>Dragoman</title>" in httpx.get(console[1], trust_env=False).text
        assert cli.main(["top", "--admin", explain[2]]) == 0
        children = descendants(process)
        assert len(children) == 3, "envoy, worker and observer"
        answer = httpx.post(
            f"{found[1]}/v1/chat/completions",
            json={"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "hello"}]},
            headers={"x-fake-behaviour": "status=429,retry-after=30"},
            trust_env=False,
        )
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "30"
        assert answer.headers["x-dragoman-model"] == "openai/gpt-4o"
        interrupted = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert time.monotonic() - interrupted < 5
        assert not left_over(children)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["int", "term"]
)
def test_an_early_end_leaves_nothing(number: signal.Signals, status: int, short_path: Path) -> None:
    with demo(environment=places(short_path)) as process:
        children = started(process, 3)
        process.send_signal(number)
        output, errors = process.communicate()
        assert process.returncode == status, output + errors
        assert not left_over(children)
    assert "Traceback" not in errors
    assert not list(short_path.iterdir())


def test_a_failed_start_says_why() -> None:
    with demo(inside=("sh", "-c", 'ulimit -f 0 && exec "$@"', "full")) as process:
        output, errors = process.communicate()
    assert process.returncode == 1
    assert not output
    assert errors.startswith("nothing can be written to the temporary folder: ")
    assert "Set TMPDIR" in errors
    assert "Traceback" not in errors


def test_missing_sdks_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show_module, "find_spec", lambda name: None if name == "openai" else name)
    assert cli.main(["demo"]) == 1
    assert "openai cannot be imported" in (said := capsys.readouterr().err)
    assert "pip install openai\n" in said


async def test_missing_sdks_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_module, "find_spec", lambda _: None)
    with pytest.raises(StartError, match="openai and anthropic cannot be imported"):
        await show()
