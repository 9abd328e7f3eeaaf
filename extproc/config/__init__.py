"""The configuration language: what a file may say, and what it means."""

from extproc.config.load import Loaded, load, parse
from extproc.config.problems import ConfigError, Problem
from extproc.config.values import (
    ClientKey,
    Config,
    CostSource,
    Credential,
    Dialect,
    Endpoint,
    IntentSettings,
    LatencySource,
    Limits,
    Listener,
    Model,
    Preference,
    PriceFormat,
    Route,
    RouterPrompt,
    Secrets,
)

__all__ = [
    "ClientKey",
    "Config",
    "ConfigError",
    "CostSource",
    "Credential",
    "Dialect",
    "Endpoint",
    "IntentSettings",
    "LatencySource",
    "Limits",
    "Listener",
    "Loaded",
    "Model",
    "Preference",
    "PriceFormat",
    "Problem",
    "Route",
    "RouterPrompt",
    "Secrets",
    "load",
    "parse",
]
