"""What adds Dragoman to each kind of gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from extproc.bootstrap import Tree
from extproc.core.config import Config
from extproc.gateways import envoy_gateway, istio
from extproc.gateways.pod import Place
from extproc.run_directory import RunDirectory

__all__ = ["RESOURCES"]

Resources: TypeAlias = Callable[[Config, Place, RunDirectory], list[Tree]]

RESOURCES: Final[Mapping[str, Resources]] = {
    "envoy-gateway": envoy_gateway.resources,
    "istio": istio.resources,
}
"""By the names in :mod:`.kinds`."""
