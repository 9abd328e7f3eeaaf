"""A valid configuration as a file, for the router that the supervisor starts.

Envoy's bootstrap and the router must agree, also when the router is started again after somebody
edited the configuration. It holds no secret.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from extproc.core.config import Config

__all__ = ["from_json", "to_json"]

_CONFIG: TypeAdapter[Config] = TypeAdapter(Config)


def to_json(config: Config) -> bytes:
    return _CONFIG.dump_json(config)


def from_json(text: bytes) -> Config:
    """The configuration that ``to_json`` wrote.

    Raises:
        pydantic.ValidationError: it did not.
    """
    return _CONFIG.validate_json(text)
