"""The whole comparison: its tables, its aims, its page; and that it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import setups
from benchmarks.compared import AIMS, Comparison, SectionFigures, gateway_cpu_ms, per_cpu_second
from benchmarks.comparison import compare, main
from benchmarks.figures import Percentiles, Round
from benchmarks.machine import this_machine
from benchmarks.page import BEGIN, END, write_page
from benchmarks.rounds import Load
from benchmarks.sections import SECTIONS, Section, sections
from benchmarks.starts import Start
from benchmarks.tables import tables

_LATENCY = Percentiles(2.0, 5.0, 9.0)


def turned(cpu: dict[str, float], rate: float = 100.0, p50: float = 2.0) -> Round:
    """A turn in which a request cost so many milliseconds of CPU by process."""
    every = {**cpu, "upstream": 50.0, "client": 70.0}
    return Round(rate, replace(_LATENCY, p50_ms=p50), 1.0, every)


def section(name: str, **rounds: list[Round]) -> SectionFigures:
    return SectionFigures(name, "What it shows.", Load(), rounds)


def compared(*of: SectionFigures, start: Start | None = None) -> Comparison:
    held = {"pipeline": {"router": 100.0, "envoy": 40.0}}
    return Comparison(date(2026, 3, 4), this_machine(), of, held, start)


def test_the_upstream_and_the_client_are_not_the_gateways_cost() -> None:
    one = turned({"router": 0.5, "envoy": 1.5})
    assert gateway_cpu_ms(one) == 2.0
    assert per_cpu_second(one) == 500.0


def test_aims_are_ratios_round_by_round() -> None:
    """The median of the rounds' ratios, which one disturbed round does not move."""
    measured = compared(
        section(
            "2 KB",
            pipeline=[turned({"envoy": cpu}) for cpu in (1.0, 1.0, 8.0)],
            portkey=[turned({"portkey": cpu}) for cpu in (2.0, 2.0, 2.0)],
        ),
        section(
            "one connection",
            pipeline=[turned({"envoy": 1.0}, p50=3.0)],
            portkey=[turned({"portkey": 1.0}, p50=2.0)],
        ),
    )
    reached = {aim.what: (aim, aim.reached(measured)) for aim in AIMS}
    aim, ratio = reached["requests per CPU second to Portkey's"]
    assert ratio == pytest.approx(2.0)
    assert aim.met(2.0)
    assert not aim.met(1.6)
    aim, ratio = reached["one connection's p50 to Portkey's"]
    assert ratio == pytest.approx(1.5)
    assert not aim.met(1.5)
    assert aim.met(0.9)
    _, ratio = reached["requests per CPU second to LiteLLM's"]
    assert ratio is None


def test_beside_an_aim_stands_what_an_empty_handler_reaches() -> None:
    rounds = {"pipeline": 4.0, "empty": 2.0, "portkey": 6.0}
    measured = compared(
        section("2 KB", **{name: [turned({"x": cpu})] for name, cpu in rounds.items()})
    )
    of_empty = {aim.what: aim.of_empty(measured) for aim in AIMS}
    assert of_empty["requests per CPU second to Portkey's"] == pytest.approx(3.0)
    assert of_empty["requests per CPU second to LiteLLM's"] is None
    assert of_empty["pipeline's rate to an empty handler's"] is None
    rows = {row[0]: row for row in tables(measured)[0].rows}
    assert rows["requests per CPU second to Portkey's"][2:] == ("1.50", "not met", "3.00")


def test_aims_name_sections_and_set_ups_that_are_measured() -> None:
    measured = {one.name: {setup.name for setup in one.setups} for one in sections(peers=True)}
    for aim in AIMS:
        assert {aim.setup, aim.other} <= measured[aim.section]


def test_without_peers_no_peer_is_started() -> None:
    assert not any(setup.peer for one in sections(peers=False) for setup in one.setups)
    assert any(setup.peer for one in sections(peers=True) for setup in one.setups)


@pytest.mark.envoy
async def test_the_empty_handler_is_served_by_either_transport() -> None:
    for setup in (setups.EMPTY, setups.EMPTY_GRPCIO):
        assert setups.configuration(setup, 1, 2).config.transport is setup.transport
    load = Load(rounds=1, seconds=0.2, connections=2)
    one = Section("empty", "What gRPC costs.", load, (setups.EMPTY_GRPCIO,))
    [measured] = (await compare([one], lambda _: None)).sections
    assert measured.medians["empty, grpcio"].cpu["router"] > 0


def test_set_ups_of_one_name_are_one() -> None:
    every = [setup for one in sections(peers=True) for setup in one.setups]
    assert len({setup.name for setup in every}) == len(set(every))


def test_streams_whose_pieces_tell_their_time_have_a_table_of_their_own() -> None:
    stamped = replace(
        turned({"envoy": 1.0}), first_event=_LATENCY, event_delay=Percentiles(0.25, 0.5, 1.0)
    )
    paced, whole = tables(
        compared(section("paced", pipeline=[stamped]), section("2 KB", pipeline=[turned({})]))
    )[:2]
    assert paced.rows[0][:5] == ("pipeline", "2.00", "5.00", "0.25", "0.50")
    assert "first p50 ms" in paced.headings
    assert "req/s" in whole.headings


def test_the_page_holds_the_figures_and_a_chart(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"Before.\n\n{BEGIN}\nstale figures\n{END}\n\nAfter.\n", encoding="utf-8")
    start = Start(2.5, {"worker": 0.6}, {"worker": 90.0})
    rounds = [turned({"router": 0.5, "envoy": 0.75})]
    write_page(page, compared(section("2 KB", pipeline=rounds), start=start))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.\n\n")
    assert text.endswith("\n\nAfter.\n")
    assert "stale figures" not in text
    assert "2026-03-04" in text
    assert "| pipeline | 100 | 2.00 | 5.00 | 9.00 | 800 | 1,250 | router 500 + envoy 750 |" in text
    assert "2.5 s to the first 200" in text
    drawn = ElementTree.parse(tmp_path / "benchmarks.svg").getroot()  # noqa: S314 - ours
    titles = [title.text for title in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert "pipeline, router: 500 µs" in titles


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("Nothing here.", (), "has no lines"),
        (None, (), "No such file"),
        (f"{BEGIN}\n{END}", ("--only", "streams"), "needs the section '2 KB'"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    more: tuple[str, ...],
    told: str,
) -> None:
    page = tmp_path / "page.md"
    if text is not None:
        page.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match="2"):
        main(["--page", str(page), *more])
    assert told in capsys.readouterr().err


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Nothing here.", encoding="utf-8")
    with pytest.raises(ValueError, match="has no lines"):
        write_page(page, compared(section("2 KB", pipeline=[turned({"envoy": 1.0})])))
    assert page.read_text(encoding="utf-8") == "Nothing here."


def test_the_documentation_has_the_marks() -> None:
    text = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)
    for setup in (one for each in SECTIONS for one in (*each.setups, *each.peers)):
        if setup.provider is setups.Provider.WHOLE:
            assert setup.name in text


@pytest.mark.envoy
def test_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    assert main(["--quick", "--only", "paced streams", "--json", str(file)]) == 0
    (measured,) = json.loads(file.read_bytes())["sections"]
    assert [*measured["rounds"]] == [setup.name for setup in _section("paced streams").setups]
    for name, (one,) in measured["rounds"].items():
        delay = one["event_delay"]
        assert 0 < delay["p50_ms"] <= delay["p99_ms"]
        assert one["first_event"]["p50_ms"] >= 20, f"{name}: the upstream takes 20 ms"
    assert "paced streams" in capsys.readouterr().out


def _section(name: str) -> Section:
    return next(one for one in SECTIONS if one.name == name)
