"""Runs a Python module as if the processor were older: without VNNI, or without AVX-512 either.

Libraries ask the processor by the instruction ``cpuid`` what it can do. Where the kernel lets that
instruction fault, a small library, compiled for the occasion and preloaded, answers in its place.
What is measured so is this processor with the instructions of an older one, at its own clock and
caches.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["KINDS", "OlderProcessorError", "run_as"]

KINDS: Final = ("no-vnni", "avx2")
"""AVX-512 without VNNI; AVX2."""

_SOURCE: Final = Path(__file__).with_name("older_processor.c")
_CPU: Final = Path("/proc/cpuinfo")
_REFUSED: Final = 97


class OlderProcessorError(Exception):
    """An older processor cannot be had here; the message says why."""


def run_as(kind: str, module: str, arguments: Sequence[str]) -> int:
    """Run ``python -m module arguments`` as on an older processor.

    Args:
        kind: one of :data:`KINDS`.
        module: the module's name.
        arguments: its arguments.

    Returns:
        Its exit status.

    Raises:
        OlderProcessorError: this is no Linux that lets ``cpuid`` fault, or there is no C compiler.
    """
    if not _CPU.exists() or "cpuid_fault" not in _CPU.read_text():
        raise OlderProcessorError("this machine cannot let cpuid fault (see /proc/cpuinfo)")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "older_processor.so"
        compiled = ["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(_SOURCE)]
        try:
            subprocess.run(compiled, check=True)
        except FileNotFoundError:
            raise OlderProcessorError("a C compiler is needed: cc is not there") from None
        surroundings = os.environ | {"OLDER_PROCESSOR": kind, "LD_PRELOAD": str(library)}
        program = [sys.executable, "-m", module, *arguments]
        status = subprocess.run(program, env=surroundings, check=False).returncode
    if status == _REFUSED:
        raise OlderProcessorError("the kernel did not let cpuid fault")
    return status
