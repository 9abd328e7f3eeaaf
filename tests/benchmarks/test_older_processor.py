"""Benchmarks run as on an older processor, where the kernel lets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import older_processor
from benchmarks.older_processor import KINDS, OlderProcessorError, run_as

FEATURES = """
import json, sys
from numpy._core._multiarray_umath import __cpu_features__
open(sys.argv[1], "w").write(json.dumps(__cpu_features__))
"""
CPU = Path("/proc/cpuinfo")
LISTED = CPU.read_text() if CPU.exists() else ""

able = pytest.mark.skipif(
    "cpuid_fault" not in LISTED or shutil.which("cc") is None,
    reason="needs a processor that lets cpuid fault, and a C compiler",
)


@able
@pytest.mark.parametrize("kind", KINDS)
def test_libraries_see_an_older_processor(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "features.py").write_text(FEATURES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert run_as(kind, "features", [str(tmp_path / "seen")]) == 0
    seen = json.loads((tmp_path / "seen").read_text())
    assert not seen["AVX512VNNI"]
    assert seen["AVX512F"] == (kind == "no-vnni" and "avx512f" in LISTED)
    assert seen["AVX2"] == ("avx2" in LISTED)


def test_where_it_cannot_be_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpuinfo").write_text("flags: avx2")
    monkeypatch.setattr(older_processor, "_CPU", tmp_path / "cpuinfo")
    with pytest.raises(OlderProcessorError, match="cannot let cpuid fault"):
        run_as("avx2", "platform", [])
