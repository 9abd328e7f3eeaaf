"""onnxruntime with its telemetry off, which must be said before it is loaded.

Version 1.31.1 has it on unless ``ORT_DISABLE_TELEMETRY`` (or ``CI``) is set, and leaves a telemetry
session's file, ``.ses``, in the temporary directory. ``onnxruntime.disable_telemetry_events`` comes
too late for that.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
