"""The decision: which models serve a request, in which order. Pure but for what classifies."""

from extproc.router.decision import Decision
from extproc.router.router import Router

__all__ = ["Decision", "Router"]
