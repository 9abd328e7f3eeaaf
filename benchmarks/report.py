"""The figures for people, and for programs."""

from __future__ import annotations

import dataclasses

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import TARGET, Figures, Summary
from benchmarks.rounds import Load
from benchmarks.stage import Cores

__all__ = ["show", "to_json"]

_PROCESSES = ("router", "envoy", "upstream", "client")
_HEADINGS = (
    *("\nreq/s", "ms\np50", "\np99"),
    *("CPU ms\nrouter", "\nenvoy", "\nupstream", "\nclient"),
    *("ratio\nreq/s", "\nrouter"),
)


def _listed(cores: frozenset[int]) -> str:
    return f"core{'s' if len(cores) > 1 else ''} {', '.join(map(str, sorted(cores)))}"


def _where(cores: Cores | None) -> str:
    if cores is None:
        return "not pinned to cores, so the figures are less steady"
    return f"router on {_listed(cores.router)}, all else on {_listed(cores.others)}"


def _row(figures: Figures) -> list[str]:
    median = figures.median
    ratio = figures.router_cpu_to_empty
    return [
        figures.setup,
        f"{median.requests_per_second:,.0f}",
        f"{median.latency.p50_ms:.2f}",
        f"{median.latency.p99_ms:.2f}",
        *(f"{median.cpu[name]:.3f}" if name in median.cpu else "-" for name in _PROCESSES),
        f"{figures.throughput_to_empty:.0%}",
        "-" if ratio is None else f"{ratio:.2f}x",
    ]


def show(summary: Summary, load: Load, cores: Cores | None, console: Console) -> None:
    """Print the table and whether the target is met."""
    table = Table(
        title=f"{load.connections} connections, {load.body_bytes:,} byte body",
        box=box.SIMPLE_HEAD,
        padding=0,
        caption=(
            f"Medians of {load.rounds} x {load.seconds:g} s per set-up, taken in turns. CPU is per "
            "request: the same figures are seconds per 1,000 requests. Ratios are to the empty "
            f"handler's rate and router CPU. Envoy has one worker thread; {_where(cores)}."
        ),
    )
    table.add_column("\nset-up", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for figures in summary.figures:
        table.add_row(*_row(figures))
    console.print(table)
    verdict = "[green]met[/]" if summary.target_met else "[red]not met[/]"
    console.print(
        f"Target: pipeline at {TARGET:.0%} of the empty handler's throughput or more: "
        f"{verdict} ({summary.share:.1%})."
    )
    added = summary.translation
    console.print(
        f"Translation (chat to messages) adds {added.request_cpu_ms:.2f} ms of the router's CPU to "
        f"a request ({added.request_ratio:.0%} of the pipeline's rate), "
        f"{added.thousand_events_cpu_ms:.1f} ms to 1,000 events of a stream, "
        f"and {added.first_byte_ms:.2f} ms to a stream's first byte.",
        highlight=False,
    )


def to_json(summary: Summary, load: Load, cores: Cores | None) -> bytes:
    """All figures, each round included."""
    document = {
        "load": dataclasses.asdict(load),
        "cores": None
        if cores is None
        else {"router": sorted(cores.router), "others": sorted(cores.others)},
        "setups": {one.setup: dataclasses.asdict(one) for one in summary.figures},
        "translation": dataclasses.asdict(summary.translation),
        "target": {"share": TARGET, "reached": summary.share, "met": summary.target_met},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
