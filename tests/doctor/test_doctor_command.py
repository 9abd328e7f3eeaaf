"""``dragoman doctor``: a line for each thing, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extproc.cli.arguments import main
from extproc.doctor import examination
from extproc.doctor.finding import Finding, Patient, State

TEXT = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT)
    return path


async def well(patient: Patient) -> list[Finding]:
    return [Finding("this", State.OK, f"calls: {patient.calls}")]


async def better(_: Patient) -> list[Finding]:
    return [Finding("that thing", State.NOTE, "could be better", "Improve it.")]


async def ill(_: Patient) -> list[Finding]:
    return [Finding("another", State.FAILED, "is broken", "Mend it.")]


def test_what_is_well_ends_with_0(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KEY", "the-secret-key")
    monkeypatch.setattr(examination, "CHECKS", (well, better))
    assert main(["doctor", str(config), "--call"]) == 0
    width = len(f"configuration {config}")
    assert capsys.readouterr().out.splitlines() == [
        f"ok    configuration {config}  valid; 1 models, 0 routes",
        f"ok    {'this':{width}}  calls: True",
        f"note  {'that thing':{width}}  could be better",
        f"      {'':{width}}  Improve it.",
    ]


def test_one_failure_ends_with_1(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KEY", "the-secret-key")
    monkeypatch.setattr(examination, "CHECKS", (well, ill))
    assert main(["doctor", str(config), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["state"] for each in told] == ["ok", "ok", "FAIL"]
    assert told[2] == {
        "subject": "another",
        "state": "FAIL",
        "found": "is broken",
        "advice": "Mend it.",
    }


def test_a_configuration_that_is_not_valid_is_told_whole(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KEY", raising=False)
    config.write_text(TEXT + "foo: 1\n")
    assert main(["doctor", str(config)]) == 1
    said = capsys.readouterr().out
    assert said.count("FAIL") == 2
    assert "environment variable KEY is not set" in said
    assert "foo: unknown key" in said
