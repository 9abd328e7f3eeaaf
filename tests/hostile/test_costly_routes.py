"""Clients that bring costly routes along hold up nobody else: see benchmarks/costly_routes.py for
what they cost the classifier, and what others wait."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.helpers.house import PROMPT, ROUTE, House

_SUBJECTS = ("invoices", "weather", "medicine", "travel", "law", "music", "history", "sport")
_PATIENCE = 10.0
"""Seconds. Without bounds, eight such requests a second took others' waits to 17 and more."""


def _costly_routes(number: int) -> list[dict[str, Any]]:
    """64 routes whose descriptions and examples nobody has sent before."""
    return [
        {
            "name": f"route {number} {nth}",
            "description": " ".join(f"{subject} {number} {nth}" for subject in _SUBJECTS),
            "examples": [" ".join(f"{nth} {subject} {number}" for subject in _SUBJECTS)],
            "models": ["gamma/model-c"],
        }
        for nth in range(64)
    ]


async def test_other_clients_go_on(house: House) -> None:

    async def costly(number: int) -> int:
        await asyncio.sleep(number / 2)
        response = await house.chat(routing_preferences=_costly_routes(number))
        return response.status_code

    async def plain(number: int) -> None:
        await asyncio.sleep(number / 5)
        asked = f"{PROMPT}, attempt {number}"
        async with asyncio.timeout(_PATIENCE):
            response = await house.chat(asked)
        assert response.status_code == 200
        assert response.headers["x-dragoman-route"] == ROUTE

    async with asyncio.TaskGroup() as tasks:
        attack = [tasks.create_task(costly(number)) for number in range(8)]
        for number in range(20):
            tasks.create_task(plain(number))
    assert {task.result() for task in attack} == {200}
