"""How we speak, and to whom when nobody listens."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

from extproc.console import PatientHandler


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("n", logging.INFO, "p", 1, text, None, None)


def test_lines_are_written_whole_and_dropped_when_nobody_reads() -> None:
    reading, writing = os.pipe()
    handler = PatientHandler(writing)
    for _ in range(300):  # more than a pipe holds: did it wait, it would for ever
        handler.emit(record("x" * 999))
    seen = os.read(reading, 1_000_000)
    handler.emit(record("at last"))
    seen += os.read(reading, 1_000_000)
    lines = seen.splitlines()
    assert lines[-1] == b"at last"
    assert lines[-2] == b"(%d lines were dropped: nobody read them)" % (300 - len(lines) + 2)
    assert set(lines[:-2]) == {b"x" * 999}
    os.close(reading)
    handler.emit(record("to nobody"))
    os.close(writing)


def test_what_cannot_be_encoded_is_written_all_the_same() -> None:
    reading, writing = os.pipe()
    PatientHandler(writing).emit(record("a lone surrogate: \ud800"))
    assert os.read(reading, 100) == b"a lone surrogate: \\ud800\n"
    os.close(reading)
    os.close(writing)


def test_standard_streams_that_are_closed_are_opened_to_nowhere() -> None:
    program = (
        "import os; from extproc.console import with_standard_streams; with_standard_streams();"
        "r, w = os.pipe(); os.write(1, b'x'); os.write(2, b'y');"
        "os._exit(0 if min(r, w) > 2 else 1)"
    )
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        ended = subprocess.run(
            ["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, program], check=False
        )
        assert ended.returncode == 0, closed


def test_two_who_write_to_one_file_do_not_write_over_each_other(tmp_path: Path) -> None:
    program = (
        "import os; from extproc.console import with_standard_streams; with_standard_streams();"
        "[os.write(each, b'%d' % each) for each in (1, 2, 1, 2)]"
    )
    log = tmp_path / "log"
    with log.open("wb") as stdout, log.open("wb") as stderr:
        subprocess.run([sys.executable, "-c", program], stdout=stdout, stderr=stderr, check=True)
    assert log.read_text() == "1212"
