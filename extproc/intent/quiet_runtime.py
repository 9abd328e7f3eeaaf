"""onnxruntime, told before it is loaded not to send its makers what it is used for.

Its builds from 1.31 on do so unless ``ORT_DISABLE_TELEMETRY`` is set (or ``CI``); they also leave a
file in the temporary directory. ``onnxruntime.disable_telemetry_events`` comes too late for that.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
