"""What is known of the models at a moment: what was learned of them, and what sources say.

Whoever learns reckons on a clock that nobody sets; the workers are told times of day.
"""

from __future__ import annotations

from dataclasses import replace

from extproc.observer.clock import Clock
from extproc.observer.learner import Learner
from extproc.ranking.snapshot import Snapshot
from extproc.sources import Sources

__all__ = ["known"]


def known(
    learner: Learner, sources: Sources | None, clock: Clock, now: float, version: int
) -> Snapshot:
    """The snapshot of this moment.

    Latencies that are observed go before those of a source, and there is never both.

    Args:
        learner: what was learned.
        sources: prices and latencies, None while they have not begun to be read.
        clock: turns steady times into times of day.
        now: the steady time, in seconds.
        version: that of the snapshot.
    """
    snapshot = Snapshot(
        version=version,
        cooldowns={
            model: replace(cooldown, until=clock.time_of_day(cooldown.until))
            for model, cooldown in learner.cooldowns().items()
        },
        output_tokens=learner.output_tokens(),
        tails=learner.tails(now),
    )
    if sources is not None:
        snapshot = replace(
            snapshot,
            prices=sources.costs.prices,
            prices_at=sources.costs.updated_at,
            latencies=sources.latency.latencies,
            latencies_at=sources.latency.updated_at,
        )
    observed = learner.latencies(now)
    if observed is None:
        return snapshot
    latencies, at = observed
    measured_at = None if at is None else clock.time_of_day(at)
    return replace(snapshot, latencies=latencies, latencies_at=measured_at)
