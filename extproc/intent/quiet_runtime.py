"""onnxruntime with its telemetry off, which must be said before it is loaded.

Version 1.31.1 has it on unless ``ORT_DISABLE_TELEMETRY`` (or ``CI``) is set, and leaves a telemetry
session's file, ``.ses``, in the temporary directory. ``onnxruntime.disable_telemetry_events`` comes
too late for that.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime", "session"]


def session(network: Path) -> onnxruntime.InferenceSession:
    """A network, to be run on the thread that calls it and on no other.

    Raises:
        onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile: there is no such file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
