"""Which transport the tests with a sidecar run on: ``TEST_TRANSPORT=grpcio make dataplane``."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from extproc.core.config import Config, Transport

__all__ = ["CHOSEN", "on_chosen_transport"]

CHOSEN: Final = Transport(os.environ.get("TEST_TRANSPORT", Config(models=()).transport))


def on_chosen_transport(config: Config) -> Config:
    """A configuration that says nothing of it, on the transport under test."""
    return replace(config, transport=CHOSEN)
