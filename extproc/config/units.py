"""Quantities and addresses as operators write them: ``300s``, ``32MiB``, ``127.0.0.1:9092``."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

__all__ = ["address_and_port", "duration", "size"]

_QUANTITY: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)", re.ASCII)
_ADDRESS: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})", re.ASCII)
_HIGHEST_PORT: Final = 65535
_SECONDS: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES: Final = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}
_SHORTEST: Final = 0.001
"""Seconds. Envoy counts in milliseconds, and to most of its times zero is no time at all."""
_LONGEST: Final = 7 * 24 * 3600.0
_LARGEST: Final = 2**30
_ABSURD: Final = 10**15


def duration(value: object) -> float:
    """Seconds in ``300s``, ``500ms``, ``5m``, ``1h`` or a plain number of seconds."""
    seconds = _amount(value, _SECONDS, "a duration such as 300s, 500ms or 5m")
    if not _SHORTEST <= seconds <= _LONGEST:
        raise ValueError("must be at least 1ms and at most seven days")
    return seconds


def size(value: object) -> int:
    """Bytes in ``32MiB``, ``10MB`` or a plain number of bytes."""
    amount = _amount(value, _BYTES, "a size such as 32MiB, 10MB or a number of bytes")
    if not 1 <= amount <= _LARGEST or amount != int(amount):
        raise ValueError("must be a whole number of bytes, from 1 to 1GiB")
    return int(amount)


def address_and_port(text: str) -> tuple[str, int]:
    """The address and the port in ``127.0.0.1:9092`` or ``[::1]:9092``."""
    message = "must be an IP address and a port such as 127.0.0.1:9092 or [::1]:9092"
    match = _ADDRESS.fullmatch(text)
    if match is None or not 1 <= int(match[3]) <= _HIGHEST_PORT:
        raise ValueError(message)
    try:
        return str(ip_address(match[1] or match[2])), int(match[3])
    except ValueError:
        raise ValueError(message) from None


def overlap(one: tuple[str, int], other: tuple[str, int]) -> bool:
    """Whether one cannot listen on both: the ports are the same, and so are the addresses, or one
    of them stands for all."""
    addresses = {one[0], other[0]}
    everywhere = any(ip_address(address).is_unspecified for address in addresses)
    return one[1] == other[1] and (everywhere or len(addresses) == 1)


def _amount(value: object, units: dict[str, float] | dict[str, int], expected: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _ABSURD:
        return float(value)
    match = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2].lower() not in units:
        raise ValueError(f"must be {expected}")
    return float(match[1]) * units[match[2].lower()]
