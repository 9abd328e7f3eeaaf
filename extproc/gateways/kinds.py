"""The kinds of gateways that Dragoman can be added to, by the names that the command takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["KINDS", "Usual"]


@dataclass(frozen=True, slots=True)
class Usual:
    """What such a gateway is called where nobody chose otherwise: see :class:`.pod.Place`."""

    namespace: str
    gateway: str
    workload: str = ""


KINDS: Final[Mapping[str, Usual]] = {
    "envoy-gateway": Usual("default", "eg"),
    "istio": Usual("istio-system", "istio-ingressgateway", "istio-ingressgateway"),
}
