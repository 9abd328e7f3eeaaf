"""Lines reach standard output whole, and whoever does not read it holds up nobody."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from extproc.sidecar.standard_output import Carrier, lines_to


def test_lines_arrive_in_order_and_the_last_one_without_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = b"".join(b"%d %s\n" % (number, b"x" * (number % 300)) for number in range(5000))
    with path.open("wb") as file, lines_to(file.fileno()) as sink:
        for start in range(0, len(lines), 4096):
            os.write(sink, lines[start : start + 4096])
        os.write(sink, b"unfinished")
    assert path.read_bytes() == lines + b"unfinished"


def test_two_who_write_to_one_file_do_not_tear_each_others_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("ab") as file, lines_to(file.fileno()) as sink:
        for number in range(2000):
            os.write(sink, b"envoy %04d" % number)
            os.write(file.fileno(), b"supervisor\n")
            os.write(sink, b" end\n")
    seen = path.read_bytes().splitlines()
    assert seen.count(b"supervisor") == 2000
    assert [line for line in seen if line != b"supervisor"] == [
        b"envoy %04d end" % number for number in range(2000)
    ]


def test_a_socket_will_do() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with lines_to(theirs.fileno()) as sink:
            os.write(sink, b"a line\n")
        assert ours.recv(100) == b"a line\n"


def test_a_reader_that_stops_holds_up_neither_the_writer_nor_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source, sink = os.pipe()
    reading, target = os.pipe()
    carrier = Carrier(source, target, most_waiting=100_000)
    thread = threading.Thread(target=carrier.run, daemon=True)
    thread.start()
    line = b"x" * 999 + b"\n"
    began = time.monotonic()
    for _ in range(1000):
        os.write(sink, line)
    assert time.monotonic() - began < 5, "the writer was held up"
    time.sleep(0.2)
    # Now it is read again: whole lines only, and what was dropped is said.
    taken = bytearray()
    os.set_blocking(reading, False)
    until = time.monotonic() + 5
    while "were dropped" not in caplog.text and time.monotonic() < until:
        try:
            taken += os.read(reading, 65536)
        except BlockingIOError:
            time.sleep(0.01)
    with contextlib.suppress(BlockingIOError):
        while True:
            taken += os.read(reading, 65536)
    said = re.search(r"(\d+) lines of the access log were dropped: nobody read", caplog.text)
    assert said is not None
    assert set(bytes(taken).splitlines(keepends=True)) == {line}
    assert taken.count(b"\n") + int(said[1]) == 1000
    assert taken.count(b"\n") >= 100, "the pipe's 64 KiB and the carrier's 100 kB"
    for _ in range(200):
        os.write(sink, line)
    os.close(sink)
    thread.join(3)
    assert not thread.is_alive(), "what is not read holds up the end"
    for each in (source, reading, target):
        os.close(each)


def test_a_reader_that_goes_away_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    reading, target = os.pipe()
    with lines_to(target) as sink:
        os.close(reading)
        for _ in range(100):
            os.write(sink, b"x" * 5000 + b"\n")
            time.sleep(0.001)
    os.close(target)
    assert caplog.text.count("standard output is gone (Broken pipe)") == 1


def test_a_line_longer_than_a_pipe_takes_at_once_is_whole_all_the_same() -> None:
    reading, target = os.pipe()
    line = b"y" * 50_000 + b"\n"
    with lines_to(target) as sink:
        os.write(sink, line)
    os.close(target)
    taken = bytearray()
    while chunk := os.read(reading, 65536):
        taken += chunk
    os.close(reading)
    assert bytes(taken) == line
