"""The configuration language: what a file may say, and what it means."""

from extproc.config.load import Loaded, load, parse
from extproc.config.problems import ConfigError, Problem
from extproc.config.source_values import (
    CostSource,
    LatencyMeasure,
    LatencySource,
    ObservedLatency,
    PriceFormat,
)
from extproc.config.values import (
    ClientKey,
    Config,
    CostBasis,
    Credential,
    Dialect,
    Endpoint,
    IntentSettings,
    Limits,
    Listener,
    Model,
    Preference,
    Route,
    RouterPrompt,
    Secrets,
    Sessions,
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
    "load",
    "parse",
]
