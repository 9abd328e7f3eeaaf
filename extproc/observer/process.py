"""The observer's process: learn until told to stop."""

from __future__ import annotations

__all__ = ["observe"]

_SOURCES_PATIENCE = 10.0
"""Seconds for which the workers wait for the first prices and latencies."""
