"""Signals that come while a program loads."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

import pytest

LOADING = """
import os, signal, sys, time
from extproc.sidecar.early_signals import take_early
take_early()
for name in sys.argv[1:]:
    os.kill(os.getpid(), getattr(signal, name))
import asyncio
from extproc.sidecar.signals import Signals

async def run():
    signals = Signals()
    await asyncio.sleep(0.05)
    print("wishes" if signals.wishes.is_set() else "no wishes")

asyncio.run(run())
"""


def loaded(*signals: str, ignoring: bool = False) -> tuple[int, str]:
    """The exit code and the output of a program that gets signals while it loads."""

    def in_child() -> None:
        if ignoring:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    ended = subprocess.run(
        [sys.executable, "-c", LOADING, *signals],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        preexec_fn=in_child,
    )
    return ended.returncode, ended.stdout


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ((), "no wishes\n"),
        (("SIGHUP",), "wishes\n"),
        (("SIGHUP", "SIGHUP", "SIGHUP"), "wishes\n"),
        (("SIGTERM",), ""),
        (("SIGHUP", "SIGTERM"), ""),
    ],
)
def test_a_hangup_waits_and_an_end_does_not(signals: tuple[str, ...], said: str) -> None:
    assert loaded(*signals) == (0, said)


def test_a_hangup_is_not_heard_under_nohup() -> None:
    assert loaded("SIGHUP", ignoring=True) == (0, "no wishes\n")


CLOSED = """
import time
from extproc.sidecar.early_signals import take_early
take_early()
print("loading", flush=True)
time.sleep(20)
"""


def test_a_terminal_that_is_closed_ends_it() -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", CLOSED])  # noqa: S606
    assert b"loading" in os.read(master, 100)
    os.close(master)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
