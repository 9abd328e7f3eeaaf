"""Pieces of expressions in CEL, which has no names for what is said twice.

https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

__all__ = ["either", "greater", "lesser"]


def either(condition: str, then: str, otherwise: str) -> str:
    """What ``then`` says where the condition holds, else what ``otherwise`` says."""
    return f"({condition} ? {then} : {otherwise})"


def greater(one: str, other: str) -> str:
    """The greater of two numbers."""
    return either(f"{one} > {other}", one, other)


def lesser(one: str, other: str) -> str:
    """The lesser of two numbers."""
    return either(f"{one} < {other}", one, other)
