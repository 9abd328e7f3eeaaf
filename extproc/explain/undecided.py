"""Why a request ended before anything was decided, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from extproc.contract import DEADLINE, DOOR, ERROR_DETAILS, MAX_COST
from extproc.core.faults import Fault
from extproc.core.own_replies import LIMITS_UNKNOWN, code_in, reply_code
from extproc.core.response_flags import flags_in_words
from extproc.explain.wording import status_in_words
from extproc.telemetry.conventions import client_left
from extproc.telemetry.undecided import NO_HTTP

__all__ = ["asked_for", "is_decided", "undecided", "why_undecided"]

_AT_THE_DOOR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "api_key": "It brought none of the API keys that open this listener (listeners[].api_keys)",
        "origin": "A web page sent it whose origin listeners[].cors.origins does not list",
        "host": "It called this router by a name that dragoman.allowed_hosts does not list",
        "headers": "Its headers are too many or too large",
        "connect": "It asked for a tunnel, and this router opens none",
        "failed": "The script at the door failed on it; Envoy's log says why",
    }
)
_MODEL: Final = "{model}"
"""Stands where the model's name goes that a request asked for."""
_BY_A_WORKER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "A worker refused it; its client was told what is wrong with it",
        Fault.INVALID_JSON: "Its body is not valid JSON; its client was told where",
        Fault.NO_OBJECT: "Its body is JSON, but no object",
        Fault.TOO_DEEP: "Its body is nested more deeply than can be read here",
        Fault.MISSING_PARAMETER: "Its body lacks what its API demands; its client was told what",
        Fault.INVALID_PARAMETER: (
            "Something in its body is not as its API has it; its client was told where"
        ),
        Fault.UNKNOWN_ENCODING: "Its body is in a content-encoding that is not read here",
        Fault.BROKEN_ENCODING: "Its body is not in the content-encoding that it says",
        Fault.INVALID_DEADLINE: f"Its {DEADLINE} is no number of milliseconds",
        Fault.INVALID_PAGE: "It asked for a page of the list of models that there is not",
        Fault.NO_MODEL: "It names no model, no route took it, and no model is the default",
        Fault.AMBIGUOUS_MODEL: "Several declared models have the name {model}, which it asked for",
        Fault.SEVERAL_PROVIDERS: "It names models of several providers, and may go to one alone",
        "budget_contended": "Too many requests were spending from one budget at once",
        "forbidden": "It brought routing_preferences, and none are taken from clients here",
        "internal_error": "A worker failed on it; the router's log says why",
        "invalid_max_cost": f"Its {MAX_COST} is no amount of US dollars",
        "invalid_routing_preferences": "Its routing_preferences are not as they must be",
        "model_not_allowed": "Its routing_preferences name a model that they may not name",
        "model_not_declared": "Its routing_preferences name models that are not declared",
        "model_not_found": "It asked for {model}, which does not exist here",
        "model_too_dear": "Its routing_preferences name a model that costs more than they may",
        "no_candidate_fits": "No candidate can serve it faithfully; its client was told why",
        "overloaded": "A worker held too many large requests (dragoman.max_bytes_in_flight)",
        "path_not_spoken": "The provider of its model does not have this path",
        "request_timeout": "It did not come in in time",
        "request_too_large": "Its body is larger than dragoman.max_request_bytes allows",
        "thread_not_found": "No candidate has the conversation that it goes on from",
        "too_many_candidates": "Its routing_preferences name too many models for one request",
        "too_many_routes": "Its routing_preferences hold too many routes",
        "too_many_values": "Its body holds more values than are read here",
        "unknown_provider": "It is not known which provider it is meant for",
    }
)
_BY_ENVOY: Final[Mapping[str, str]] = MappingProxyType(
    {
        LIMITS_UNKNOWN: "Its limits could not be looked up",
        "http1.codec_error": "It is no HTTP request; perhaps TLS was spoken to a port without it",
        "overload": "Envoy was short of memory",
        "stream_idle_timeout": "Nothing more of it came for too long",
        "upgrade_failed": "It asked for a WebSocket or another upgrade, and none is served",
    }
)
_BY_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {404: "There is nothing at this path", 405: "This path does not take this method"}
)
"""What Envoy's routes answer: their details are those of any answer that a route gives."""
_ROUTES: Final = "direct_response"
_UNREADABLE: Final = "what came"


def is_decided(receipt: Mapping[str, Any]) -> bool:
    """Whether a request was decided: a sidecar of an earlier version tells of no other."""
    return bool(receipt.get("decided", True))


def asked_for(receipt: Mapping[str, Any]) -> str:
    """The method and the path of a request that went to no provider, as far as they are known."""
    return " ".join(filter(None, (receipt["method"], receipt["path"]))) or _UNREADABLE


def undecided(receipt: Mapping[str, Any]) -> str:
    """Who or what ended it before it was decided, and what its client got; empty if it was decided.

    Args:
        receipt: as ``docs/receipts.md`` describes it.
    """
    if is_decided(receipt):
        return ""
    got = f"{asked_for(receipt)} got {status_in_words(receipt['status'])}"
    if not receipt["status"]:
        got = f"{asked_for(receipt)} got no answer"
    return f"{why_undecided(receipt)}, so nothing was decided: {got}."


def why_undecided(receipt: Mapping[str, Any]) -> str:
    """Who or what ended a request that was not decided, and why: a sentence without its full stop.

    Args:
        receipt: as ``docs/receipts.md`` describes it.
    """
    details, status = receipt["details"], receipt["status"]
    if (limit := receipt["limit"]) is not None:
        return f"The rate limit {limit} is used up"
    if (code := code_in(details, DOOR)) is not None:
        return _AT_THE_DOOR.get(code, f"It was turned away at the door ({code})")
    if (code := reply_code(details)) is not None:
        said = _BY_A_WORKER.get(code)
        if said is None:
            return f"A worker refused it ({code})"
        return said.replace(_MODEL, receipt["requested_model"] or "a model")
    if details.startswith(ERROR_DETAILS):
        return "No worker answered, or the one that was asked died"
    if details == _ROUTES and status in _BY_STATUS:
        return _BY_STATUS[status]
    if client_left(receipt["flags"]):
        return "Its client left"
    if details in _BY_ENVOY:
        return _BY_ENVOY[details]
    if details.startswith(NO_HTTP):
        return f"It is no valid HTTP request ({details})"
    known = ", ".join(filter(None, (details, flags_in_words(receipt["flags"]))))
    return f"Envoy ended it ({known})"
