"""The marks by which the Makefile chooses tests.

``clients`` is what needs the tools that ``make clients`` installs, ``packaging`` what needs those
of ``make packaging``, ``envoy`` what starts Envoy besides, ``servers`` what starts only Redis or
Prometheus, ``alone`` what leaves no time to tests beside it: whole rooms and modules here, single
tests where they stand, but for what runs alone. A test that starts a server without its mark fails,
so that ``make unit`` stays quick and needs nothing installed. ``unmeasured`` is what goes through
the same lines thousands of times: to measure coverage meanwhile would take three times as long.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

_HERE: Final = Path(__file__).parent
_MARKED: Final = {
    "alone": ("benchmarks/test_smoke.py", "dataplane/test_memory.py"),
    "clients": ("clients",),
    "envoy": (
        "benchmarks/test_faults.py",
        "benchmarks/test_growth.py",
        "benchmarks/test_smoke.py",
        "benchmarks/test_soak.py",
        "dataplane",
        "demo/test_demo.py",
        "deployment",
        "hostile",
    ),
    "unmeasured": ("fuzz",),
    "packaging": ("packaging",),
    "servers": (
        "affinity/test_affinity_redis.py",
        "affinity/test_redis_round_trip.py",
        "quotas/test_counters.py",
        "quotas/test_failing_stores.py",
        "sources/test_with_prometheus.py",
        "telemetry/test_scraping.py",
    ),
}
_BEGUN_FIRST: Final = (
    "dataplane/test_restarts.py",
    "dataplane/test_cooling.py",
    "dataplane/test_draining.py",
    "dataplane/test_lifecycle.py",
    "hostile/test_slow_uploads.py",
    "benchmarks/test_comparison.py",
    "dataplane/test_reload.py",
    "demo/test_demo.py",
    "dataplane/test_standard_streams.py",
    "dataplane/test_live_ranking.py",
    "benchmarks/test_faults.py",
)
"""The files that take longest, the longest first: at the end, all else would wait for them."""

_ALLOWED_BY: Final = {
    "envoy": ("clients", "envoy", "packaging"),
    "prometheus": ("envoy", "servers"),
    "redis-server": ("envoy", "servers"),
}
"""The marks that allow to start a program."""

_running: pytest.Item | None = None


@pytest.fixture(scope="session", autouse=True)
def _programs_hear_signals() -> None:
    """Let programs that tests start hear Ctrl-C and hang-ups although pytest itself may not.

    What a shell without job control starts in the background is deaf to the one, what ``nohup``
    starts to the other, and so are its children. A signal that we handle, they hear (``man 7
    signal``); nothing is what we do about it.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory whose path leaves room for those of sockets, which are 107 bytes at most.

    ``tmp_path`` is named after the test, and after the worker where several run tests.
    """
    return tmp_path_factory.mktemp("d")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only tests that run alone are wanted, which are whole files, read nothing else."""
    if config.option.markexpr != "alone":
        return None
    wanted = [_HERE / path for path in _MARKED["alone"]]
    return not any(collection_path in (path, *path.parents) for path in wanted) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("alone"):
            raise pytest.UsageError(
                f"only whole files run alone: name that of {item.nodeid} in tests/conftest.py"
            )
    places = {_HERE / path: place for place, path in enumerate(_BEGUN_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
    for mark, paths in _MARKED.items():
        marked = {_HERE / path for path in paths}
        for item in items:
            if not marked.isdisjoint((item.path, *item.path.parents)):
                item.add_marker(mark)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global _running
    _running = item
    try:
        return (yield)
    finally:
        _running = None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run what is marked ``unmeasured`` without coverage's tracer in this thread.

    pytest-cov's own mark does not do: in a worker of pytest-xdist it pauses one of two collectors,
    and threads that start meanwhile, as those of the loop's pool, are never measured again.
    """
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def _hold_to_marks(event: str, arguments: tuple[object, ...]) -> None:
    if event != "subprocess.Popen" or _running is None:
        return
    program = Path(str(arguments[0])).name
    marks = _ALLOWED_BY.get(program)
    if marks is not None and not any(map(_running.get_closest_marker, marks)):
        raise AssertionError(f"a test that starts {program} must be marked {' or '.join(marks)}")


sys.addaudithook(_hold_to_marks)
