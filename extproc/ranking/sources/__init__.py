"""Where prices and latencies come from: reading, matching, and keeping what was good."""

from extproc.ranking.sources.feed import Held, LatencyFeed, Outcome, PriceFeed
from extproc.ranking.sources.fetching import Bounds
from extproc.ranking.sources.refresh import Pace, Refresh
from extproc.ranking.sources.refreshing import Sources, refreshing

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
