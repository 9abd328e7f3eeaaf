"""What the words of a command line may be: each reads one, or says what it must be."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable

from extproc.config.units import address_and_port

__all__ = ["address", "count", "seconds", "share", "whole"]


def count(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be 1 or more")
    return number


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two others, these included."""

    def number(text: str) -> int:
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text)
        raise ArgumentTypeError(f"must be a whole number from {least} to {most}")

    return number


def seconds(text: str) -> float:
    """A length of time."""
    number = _number(text)
    if not 0 <= number < math.inf:
        raise ArgumentTypeError("must be a number of seconds, 0 or more")
    return number


def share(text: str) -> float:
    """A part of 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise ArgumentTypeError("must be a number from 0 to 1")
    return number


def address(text: str) -> tuple[str, int]:
    """An IP address and a port."""
    try:
        return address_and_port(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
