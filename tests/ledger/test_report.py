"""What the ledger says that requests have cost, and how a person is shown it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from extproc.cli.arguments import main
from extproc.ledger.report import By, costs_since, report
from extproc.ledger.rows import attempt_rows, request_row
from extproc.ledger.store import Store
from extproc.ranking.snapshot import Price, Snapshot
from extproc.telemetry.cost_book import Comparison, CostBook, Figures
from extproc.telemetry.counterfactuals import Counterfactuals, Instead
from extproc.telemetry.labels import Labels
from extproc.terminal.report import as_json, table
from tests.helpers.telemetry_events import (
    CLAUDE,
    CONFIG,
    LARGE,
    MINI,
    NOW,
    configuration,
    finished_request,
)

DEAR = Snapshot(prices={MINI: Price(1, 1, 1), LARGE: Price(2, 2, 2), CLAUDE: Price(4, 4, 4)})
DAY = 86_400.0
COST = 1200 / 1e6
"""Of an answer at a dollar per million tokens."""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    receipts = [
        finished_request("a", snapshot=DEAR, tenant="us"),
        finished_request("b", snapshot=DEAR, at=NOW + DAY, models=((MINI, 503), (CLAUDE, 200))),
        finished_request("c", snapshot=DEAR, route="chat", models=((LARGE, 200),)),
        finished_request("d", snapshot=DEAR, route=None, tenant="them"),
        finished_request("e", route="chat", models=((CLAUDE, 200),)),
        finished_request("f", models=()),
    ]
    path = tmp_path / "ledger.db"
    store = Store(path, 3650, 2**30)
    counterfactuals = Counterfactuals(configuration(), lambda: DEAR)
    store.write(
        [request_row(receipt, counterfactuals) for receipt in receipts],
        [row for receipt in receipts for row in attempt_rows(receipt)],
    )
    store.close()
    return path


def costs(found: dict[str | None, Figures]) -> dict[str | None, tuple[int, float]]:
    """Of each name the requests, and the cost as a multiple of ``COST``."""
    return {name: (each.requests, round(each.cost_usd / COST, 6)) for name, each in found.items()}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (By.ROUTE, {None: (1, 1), "chat": (2, 2), "code": (2, 5)}),
        (By.MODEL, {CLAUDE: (2, 4), LARGE: (1, 2), MINI: (2, 2)}),
        (By.DAY, {"2027-01-15": (4, 4), "2027-01-16": (1, 4)}),
        (By.TENANT, {None: (3, 6), "them": (1, 1), "us": (1, 1)}),
    ],
)
def test_by_what_requests_are_put_together(
    ledger: Path, by: By, expected: dict[str | None, tuple[int, float]]
) -> None:
    assert costs(report(ledger, by, 0)) == expected


def test_tokens_unknown_costs_and_comparisons(ledger: Path) -> None:
    found = report(ledger, By.ROUTE, 0)
    assert found["chat"].without_cost == 1
    assert found["chat"].tokens["input_tokens"] == 2000
    assert found["chat"].tokens["cached_tokens"] == 800
    assert found["chat"].tokens["reasoning_tokens"] == 0
    code = found["code"].instead[Instead.FIRST_MODEL]
    assert code.requests == 2
    assert code.cost_usd == pytest.approx(5 * COST)
    assert code.would_cost_usd == pytest.approx(2 * COST)
    assert found[None].instead[Instead.FIRST_MODEL] == Comparison()
    assert found[None].instead[Instead.DEFAULT_MODEL].requests == 1


def test_what_a_book_of_costs_would_know(ledger: Path) -> None:
    config = configuration()
    known = list(costs_since(ledger, 0, Labels(config)))
    assert {(cell.at, cell.route, cell.model): figures.requests for cell, figures in known} == {
        (int(NOW), "code", MINI): 1,
        (int(NOW), "chat", CLAUDE): 1,
        (int(NOW), "chat", LARGE): 1,
        (int(NOW), "none", MINI): 1,
        (int(NOW + DAY), "code", MINI): 0,
        (int(NOW + DAY), "code", CLAUDE): 1,
    }
    book = CostBook(Labels(config), Counterfactuals(config, lambda: DEAR))
    book.inherit(known)
    total = Figures()
    for _, figures in book.since(0):
        total.add(figures)
    assert total.requests == 5
    assert total.cost_usd == pytest.approx(8 * COST)
    assert total.instead[Instead.DEFAULT_MODEL].requests == 4
    assert list(costs_since(ledger, NOW + 2 * DAY, Labels(config))) == []


def test_only_since_a_time(ledger: Path) -> None:
    assert costs(report(ledger, By.ROUTE, NOW + 1)) == {"code": (1, 4)}


def shown(ledger: Path, by: By) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table(report(ledger, by, 0), by))
    return captured.get()


def test_a_table_for_a_person(ledger: Path) -> None:
    lines = [line.split() for line in shown(ledger, By.ROUTE).splitlines() if line.strip()]
    assert lines[2][:5] == ["code", "2", "2,000", "400", "$0.006"]
    assert lines[2][5:] == ["$0.0024", "(-60%)", "$0.0024", "(-60%)"]
    assert lines[3][:8] == ["chat", "2", "2,000", "400", "$0.0024", "+", "1", "unknown"]
    assert lines[4][:2] == ["(no", "route)"]
    assert lines[-1][:3] == ["In", "all", "5"]
    days = [line.strip() for line in shown(ledger, By.DAY).splitlines() if "2027" in line]
    assert [line[:10] for line in days] == ["2027-01-15", "2027-01-16"]


def test_as_json(ledger: Path) -> None:
    found = as_json(report(ledger, By.TENANT, 0), By.TENANT, 0)
    assert (found["by"], found["since"]) == ("tenant", None)
    assert [row["tenant"] for row in found["rows"]] == [None, "them", "us"]
    assert found["total"]["requests"] == 5
    assert as_json({}, By.DAY, NOW)["since"] == "2027-01-15T08:00:00.000+00:00"


def test_the_command(ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"{CONFIG}dragoman: {{ledger: ledger.db}}\n")
    assert main(["report", str(config), "--by", "model", "--json"]) == 0
    of_config = json.loads(capsys.readouterr().out)
    assert [row["model"] for row in of_config["rows"]] == [CLAUDE, LARGE, MINI]
    assert main(["report", "--ledger", str(ledger), "--by", "model", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == of_config
    assert main(["report", "--ledger", str(ledger), "--since", "2027-01-16"]) == 0
    assert "In all" in capsys.readouterr().out


def test_a_report_takes_no_keys(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does it say what is wrong with the rest."""
    text = CONFIG.replace("access_key: k", "access_key: $NOT_SET")
    (tmp_path / "config.yaml").write_text(
        f"{text}dragoman: {{admin_address: $NOT_SET, ledger: {ledger.name}}}\n"
    )
    assert main(["report", str(tmp_path / "config.yaml")]) == 0
    said = capsys.readouterr()
    assert "In all" in said.out
    assert not said.err


def test_a_report_that_cannot_be_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--ledger", "nothing.db"]) == 1
    assert "there is no ledger nothing.db" in capsys.readouterr().err
    assert main(["report"]) == 1
    assert "name a configuration, or a ledger with --ledger" in capsys.readouterr().err
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    assert main(["report", str(config)]) == 1
    assert "has no ledger: name a file for it as dragoman.ledger" in capsys.readouterr().err
    config.write_text(f"{CONFIG}dragoman: {{ledger: $NOT_SET}}\n")
    assert main(["report", str(config)]) == 1
    said = capsys.readouterr().err
    assert "dragoman.ledger: environment variable NOT_SET is not set" in said
    assert said.endswith("or name the ledger itself with --ledger\n")
