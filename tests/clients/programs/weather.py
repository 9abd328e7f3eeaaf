"""The task of the programs beside this one: a question that needs a tool."""

from __future__ import annotations

QUESTION = "What is the weather in Paris?"


def get_weather(city: str) -> str:
    """Say how warm it is in a city.

    Args:
        city: its name.
    """
    return f"21 degrees in {city}"
