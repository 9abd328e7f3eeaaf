"""A valid configuration as a file, for the processes that the supervisor starts.

Envoy's bootstrap and they must agree, also when one of them is started again after somebody edited
the configuration. The file holds no secret.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from extproc.core.config import Config

__all__ = ["fingerprint", "from_json", "to_json"]

_DIGITS: Final = 12
_DECODER: Final = msgspec.json.Decoder(Config)


def to_json(config: Config) -> bytes:
    """A configuration as ``from_json`` reads it."""
    return msgspec.json.encode(config, order="deterministic")


def fingerprint(config: Config) -> str:
    """By what receipts and metrics tell configurations apart: twelve hexadecimal digits, which
    change with anything that a configuration means, and not with how it is written."""
    return hashlib.sha256(to_json(config)).hexdigest()[:_DIGITS]


def from_json(text: bytes) -> Config:
    """The configuration that ``to_json`` wrote.

    Raises:
        ValueError: it did not; the message says what is wrong, and where.
    """
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"not a configuration of this version: {error}") from error
