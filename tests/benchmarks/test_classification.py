"""The benchmark of classifications runs, and serves the same answers whichever way."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.classification import WAYS, Load, main, measure_streams, read_cases
from extproc.intent import Intent
from extproc.intent.embedded import EmbeddedClassifier

CASES = read_cases(Path(__file__).parent.parent / "intent" / "handwritten_cases.yaml")


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_gives_the_same_answers(way: str) -> None:
    classifier = EmbeddedClassifier()
    ask = WAYS[way](classifier)
    answers: list[Intent] = [await ask(case) for case in CASES[:12]]
    assert answers == [classifier.decide(*case) for case in CASES[:12]]
    waits = await measure_streams(ask, CASES, Load(8, 0.01, 0.3), seed=0)
    assert len(waits.decisions) >= 8
    assert min(waits.decisions) > 0
    await classifier.close()


def test_the_figures_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seconds", "0.2", "--rounds", "1", "--streams", "4"]) == 0
    shown = capsys.readouterr().out
    for name in ("encoder always", "first stage before it", *(f"decision, {way}" for way in WAYS)):
        assert name in shown


def test_a_folder_of_labelled_conversations_serves_as_well(tmp_path: Path) -> None:
    line = (
        '{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "hello"}], '
        '"routes": [{"name": "chat", "description": "greetings"}], "expected": "chat"}\n'
    )
    (tmp_path / "some.jsonl").write_text(line * 2)
    cases = read_cases(tmp_path)
    assert len(cases) == 2
    conversation, routes = cases[0]
    assert [turn.text for turn in conversation] == ["hello"]
    assert [route.name for route in routes] == ["chat"]
