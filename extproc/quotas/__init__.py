"""Quotas: what is counted over windows of time, by all processes and replicas together."""

from extproc.quotas.choice import counters_for
from extproc.quotas.counters import Charge, Counter, Counters, CounterStats, StoreError, Taken

__all__ = [
    "Charge",
    "Counter",
    "CounterStats",
    "Counters",
    "StoreError",
    "Taken",
    "counters_for",
]
