"""Keys that Plano knows and that are not acted on: they load, with one warning each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from extproc.config.schema import ListenerEntry, Overrides, Section

__all__ = ["UNUSED_ROOT_KEYS", "unused_keys"]

_ELSEWHERE: Final = "ignored: Dragoman does not act on it"
_NOT_YET: Final = "ignored: not supported yet"

UNUSED_ROOT_KEYS: Final[Mapping[str, str]] = {
    "agents": _ELSEWHERE,
    "endpoints": _ELSEWHERE,
    "filters": _ELSEWHERE,
    "mode": _ELSEWHERE,
    "prompt_guards": _ELSEWHERE,
    "prompt_targets": _ELSEWHERE,
    "state_storage": _ELSEWHERE,
    "system_prompt": _ELSEWHERE,
    "model_metrics_sources": _NOT_YET,
    "prompt_caching": _NOT_YET,
    "ratelimits": _NOT_YET,
    "routing": _NOT_YET,
    "tracing": _NOT_YET,
}

_UNUSED: Final[Mapping[type[Section], Mapping[str, str]]] = {
    ListenerEntry: {
        "agents": _ELSEWHERE,
        "input_filters": _ELSEWHERE,
        "output_filters": _ELSEWHERE,
        "router": _ELSEWHERE,
        "max_retries": _NOT_YET,
    },
    Overrides: {
        "agent_orchestration_model": _ELSEWHERE,
        "disable_signals": _ELSEWHERE,
        "optimize_context_window": _ELSEWHERE,
        "orchestrator_model_context_length": _NOT_YET,
        "prompt_target_intent_matching_threshold": _ELSEWHERE,
        "use_agent_orchestrator": _ELSEWHERE,
    },
}


def unused_keys(section: type[Section]) -> Mapping[str, str]:
    """The keys of a section that are known but not acted on, each with the warning that it gets."""
    return _UNUSED.get(section, {})
