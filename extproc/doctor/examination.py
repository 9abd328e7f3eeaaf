"""All checks, in the order in which they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from extproc.doctor import databases, machine, providers, services
from extproc.doctor.finding import Check, Finding, Patient

__all__ = ["CHECKS", "examined"]

CHECKS: Final[tuple[Check, ...]] = (
    machine.ports,
    machine.envoy,
    machine.files,
    machine.memory,
    machine.sockets,
    machine.keys,
    databases.databases,
    providers.providers,
    services.redis,
    services.filters,
    services.prices,
    services.latencies,
    services.collector,
)


async def examined(patient: Patient) -> Sequence[Finding]:
    """Make all checks, side by side."""
    found = await asyncio.gather(*(check(patient) for check in CHECKS))
    return [finding for findings in found for finding in findings]
