"""What is counted becomes metrics when somebody scrapes."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from extproc.telemetry.tallies import Tallies


def scraped(tallies: Tallies) -> list[str]:
    registry = CollectorRegistry()
    registry.register(tallies)
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if not line.startswith("# HELP")]


def test_counts_add_up_by_their_labels() -> None:
    tallies = Tallies("our_")
    count = tallies.count("things", "Things.", "kind", "colour")
    count.add("a", "red")
    count.add("a", "red", amount=2.5)
    count.add("b", "green")
    assert scraped(tallies) == [
        "# TYPE our_things_total counter",
        'our_things_total{colour="red",kind="a"} 3.5',
        'our_things_total{colour="green",kind="b"} 1.0',
    ]


def test_durations_are_counted_in_buckets() -> None:
    tallies = Tallies("our_")
    durations = tallies.histogram("seconds", "Times.", (0.5, 1.0), "kind")
    for seconds in (0.1, 0.5, 0.75, 4.0):
        durations.add(seconds, "a")
    assert scraped(tallies) == [
        "# TYPE our_seconds histogram",
        'our_seconds_bucket{kind="a",le="0.5"} 2.0',
        'our_seconds_bucket{kind="a",le="1.0"} 3.0',
        'our_seconds_bucket{kind="a",le="+Inf"} 4.0',
        'our_seconds_count{kind="a"} 4.0',
        'our_seconds_sum{kind="a"} 5.35',
    ]


def test_what_has_no_labels_is_there_from_the_beginning() -> None:
    tallies = Tallies("our_")
    tallies.histogram("seconds", "Times.", (1.0,))
    assert scraped(tallies) == [
        "# TYPE our_seconds histogram",
        'our_seconds_bucket{le="1.0"} 0.0',
        'our_seconds_bucket{le="+Inf"} 0.0',
        "our_seconds_count 0.0",
        "our_seconds_sum 0.0",
    ]
