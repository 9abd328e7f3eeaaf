"""Keys that Plano knows and that are not acted on: they load, with one warning each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from extproc.config.fields import (
    LegacyListenerEntry,
    ListenerEntry,
    Overrides,
    PromptCaching,
    ProviderEntry,
    Routing,
    Section,
    Tracing,
)

__all__ = ["UNUSED_ROOT_KEYS", "unused_keys"]

_ELSEWHERE: Final = "ignored: Dragoman does not act on it"
_NOT_YET: Final = "ignored: not supported yet"
_NOWHERE: Final = "ignored: Plano does not act on it either"
_ANY_FORMAT: Final = "ignored: every format is served"

UNUSED_ROOT_KEYS: Final[Mapping[str, str]] = {
    "agents": _ELSEWHERE,
    "endpoints": _ELSEWHERE,
    "filters": _ELSEWHERE,
    "mode": _ELSEWHERE,
    "prompt_guards": _ELSEWHERE,
    "prompt_targets": _ELSEWHERE,
    "state_storage": _ELSEWHERE,
    "system_prompt": _ELSEWHERE,
    "ratelimits": _NOT_YET,
}

_UNUSED: Final[Mapping[type[Section], Mapping[str, str]]] = {
    ProviderEntry: {"arbitrage_policy": _ELSEWHERE, "capabilities": _NOT_YET},
    ListenerEntry: {
        "agents": _ELSEWHERE,
        "input_filters": _ELSEWHERE,
        "output_filters": _ELSEWHERE,
        "router": _ELSEWHERE,
    },
    LegacyListenerEntry: {"message_format": _ANY_FORMAT},
    Overrides: {
        "agent_orchestration_model": _ELSEWHERE,
        "disable_signals": _ELSEWHERE,
        "empty_pool_behavior": _NOT_YET,
        "model_capabilities_source": _NOT_YET,
        "optimize_context_window": _ELSEWHERE,
        "prompt_target_intent_matching_threshold": _ELSEWHERE,
        "use_agent_orchestrator": _ELSEWHERE,
    },
    Routing: {
        "route_on_user_only": _NOT_YET,
        "routing_budget": _NOT_YET,
    },
    PromptCaching: {
        "enabled": _NOT_YET,
        "inject_cache_control": _NOT_YET,
        "min_prefix_tokens": _NOT_YET,
        "session_affinity": _NOT_YET,
        "session_ttl_seconds": _NOWHERE,
    },
    Tracing: {
        "exporters": _ELSEWHERE,
        "opentracing_grpc_endpoint": _NOT_YET,
        "random_sampling": _NOT_YET,
        "span_attributes": _NOT_YET,
        "trace_arch_internal": _ELSEWHERE,
    },
}


def unused_keys(section: type[Section]) -> Mapping[str, str]:
    """The keys of a section that are known but not acted on, each with the warning that it gets."""
    return _UNUSED.get(section, {})
