"""Where prices and latencies come from: reading, matching, and keeping what was good."""

from extproc.sources.bounds import Bounds
from extproc.sources.feed import Held, LatencyFeed, Outcome, PriceFeed
from extproc.sources.refresh import Pace, Refresh
from extproc.sources.refreshing import Sources, refreshing

__all__ = [
    "Bounds",
    "Held",
    "LatencyFeed",
    "Outcome",
    "Pace",
    "PriceFeed",
    "Refresh",
    "Sources",
    "refreshing",
]
