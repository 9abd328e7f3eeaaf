"""The configuration language: what a file may say, and what it means."""

from extproc.config.loading import (
    Examined,
    Loaded,
    examine,
    ledger_of,
    load,
    load_to_classify,
    parse,
)
from extproc.core.config import Config, IntentSettings, Limits, Listener, RouterPrompt, Secrets
from extproc.core.models import ClientKey, Credential, Dialect, Endpoint, Model
from extproc.core.problems import ConfigError, Problem
from extproc.core.routes import CostBasis, Preference, Route
from extproc.core.sessions import Sessions
from extproc.core.sources import (
    CostSource,
    LatencyMeasure,
    LatencySource,
    ObservedLatency,
    PriceFormat,
)

__all__ = [
    "ClientKey",
    "Config",
    "ConfigError",
    "CostBasis",
    "CostSource",
    "Credential",
    "Dialect",
    "Endpoint",
    "Examined",
    "IntentSettings",
    "LatencyMeasure",
    "LatencySource",
    "Limits",
    "Listener",
    "Loaded",
    "Model",
    "ObservedLatency",
    "Preference",
    "PriceFormat",
    "Problem",
    "Route",
    "RouterPrompt",
    "Secrets",
    "Sessions",
    "examine",
    "ledger_of",
    "load",
    "load_to_classify",
    "parse",
]
