"""One worker process sends a probe, whichever asks first."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from extproc.link.probes import ProbeClaims

WORKER = """
import sys
from pathlib import Path
from extproc.link.probes import ProbeClaims

claims = ProbeClaims(Path(sys.argv[1]))
for line in sys.stdin:
    print(int(claims.take(int(line))), flush=True)
"""


class Worker:
    """A process that claims probes."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, probe: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{probe}\n")
        self.process.stdin.flush()

    def hear(self) -> bool:
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "1\n"

    def take(self, probe: int) -> bool:
        self.ask(probe)
        return self.hear()

    def end(self) -> None:
        with self.process:
            self.process.kill()


def test_of_six_workers_exactly_one_has_each_probe(tmp_path: Path) -> None:
    path = tmp_path / "probes"
    workers = [Worker(path) for _ in range(6)]
    first = 1_700_000_000_000
    winners: Counter[int] = Counter()
    try:
        for probe in range(first, first + 100):
            for worker in workers:
                worker.ask(probe)
            took = [number for number, worker in enumerate(workers) if worker.hear()]
            assert len(took) == 1
            winners.update(took)
        # What a worker had claimed that has died, another may send.
        (last,) = took
        workers[last].end()
        assert workers[(last + 1) % 6].take(first + 99)
        assert not workers[(last + 2) % 6].take(first + 99)
        # Locks of long ago have gone.
        assert workers[(last + 1) % 6].take(first + 50_000)
        assert path.stat().st_size == 0
    finally:
        for worker in workers:
            worker.end()
    assert sum(winners.values()) == 100


def test_a_worker_may_ask_again(tmp_path: Path) -> None:
    claims = ProbeClaims(tmp_path / "probes")
    assert claims.take(7)
    assert claims.take(7)
    claims.close()


def test_where_nothing_can_be_locked_each_worker_has_every_probe(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    claims = ProbeClaims(tmp_path / "gone" / "probes")
    with caplog.at_level(logging.WARNING):
        assert claims.take(7)
    claims.close()
    assert "not shared among workers" in caplog.text
