"""The configuration language: what a file may say, and what it means."""

from extproc.config.load import Loaded, load, parse
from extproc.config.problems import ConfigError, Problem
from extproc.config.values import (
    ClientKey,
    Config,
    Credential,
    Dialect,
    Endpoint,
    IntentSettings,
    Limits,
    Listener,
    Model,
    Preference,
    Route,
    Secrets,
)

__all__ = [
    "ClientKey",
    "Config",
    "ConfigError",
    "Credential",
    "Dialect",
    "Endpoint",
    "IntentSettings",
    "Limits",
    "Listener",
    "Loaded",
    "Model",
    "Preference",
    "Problem",
    "Route",
    "Secrets",
    "load",
    "parse",
]
