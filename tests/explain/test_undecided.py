"""Why a request ended before anything was decided, in a sentence."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from extproc.bootstrap import lua
from extproc.contract import DOOR, REPLY_DETAILS
from extproc.core.faults import Fault
from extproc.core.own_replies import details_of
from extproc.core.records import Completion, Unserved
from extproc.explain.undecided import asked_for, undecided
from extproc.explain.view import explanation
from extproc.telemetry.receipt_json import receipt_json, trace_json
from extproc.telemetry.receipts import Receipts
from tests.helpers.telemetry_events import REQUEST, SNAPSHOT, TRACE, decision, turned_away

PAGE = (Path(__file__).parents[2] / "docs" / "receipts.md").read_text(encoding="utf-8")


def shown(ended: Completion) -> dict[str, Any]:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.completed(ended)
    receipts.take_undecided(stragglers=True)
    return trace_json(receipts.find(REQUEST))


@pytest.mark.parametrize(
    ("status", "details", "begins"),
    [
        (401, "door{api_key}", "It brought none of the API keys that open this listener"),
        (403, "door{origin}", "A web page sent it whose origin listeners[].cors.origins"),
        (403, "door{host}", "It called this router by a name that dragoman.allowed_hosts"),
        (418, "door{new}", "It was turned away at the door (new)"),
        (400, "dragoman_reply", "A worker refused it; its client was told"),
        (400, "dragoman_reply{invalid_json}", "Its body is not valid JSON; its client was told"),
        (400, "dragoman_reply{missing_parameter}", "Its body lacks what its API demands"),
        (400, "dragoman_reply{invalid_deadline}", "Its x-dragoman-deadline-ms is no number"),
        (400, "dragoman_reply{no_model}", "It names no model, no route took it, and no model"),
        (413, "dragoman_reply{request_too_large}", "Its body is larger than dragoman.max_req"),
        (400, "dragoman_reply{skipped:n}", "A worker refused it (skipped:n)"),
        (503, "ext_proc_error_gRPC_error_14{reset}", "No worker answered"),
        (503, "overload", "Envoy was short of memory"),
        (404, "direct_response", "There is nothing at this path"),
        (405, "direct_response", "This path does not take this method"),
        (503, "direct_response", "Envoy ended it (direct_response)"),
        (400, "http1.codec_error", "It is no HTTP request; perhaps TLS"),
        (400, "http1.invalid_url", "It is no valid HTTP request (http1.invalid_url)"),
        (400, "missing_host_header", "It is no valid HTTP request (missing_host_header)"),
        (426, "upgrade_failed", "It asked for a WebSocket"),
    ],
)
def test_why(status: int, details: str, begins: str) -> None:
    said = undecided(shown(turned_away(status=status, details=details)))
    assert said.startswith(begins)
    assert said.endswith(f", so nothing was decided: POST /v1/chat/completions got {status}.")


@pytest.mark.parametrize(
    ("code", "model", "says"),
    [
        ("model_not_found", "gpt-99", "It asked for gpt-99, which does not exist here, so"),
        ("model_not_found", None, "It asked for a model, which does not exist here, so"),
        ("ambiguous_model", "gpt", "Several declared models have the name gpt, which it asked for"),
    ],
)
def test_which_model_it_asked_for(code: str, model: str | None, says: str) -> None:
    asked = Unserved("POST", "/v1/chat/completions", TRACE, requested_model=model)
    details = details_of(REPLY_DETAILS, code)
    said = undecided(shown(turned_away(status=404, details=details, unserved=asked)))
    assert said.startswith(says)


def test_all_that_the_door_says_is_explained() -> None:
    codes = set(re.findall(r'"[45]\d\d", "(\w+)"', lua.source("door")))
    assert {"api_key", "failed"} < codes
    for code in codes:
        said = undecided(shown(turned_away(details=details_of(DOOR, code))))
        assert "turned away at the door" not in said, code


@pytest.mark.parametrize("fault", Fault)
def test_all_that_may_be_wrong_with_a_request_is_explained(fault: Fault) -> None:
    said = undecided(shown(turned_away(status=400, details=details_of(REPLY_DETAILS, fault))))
    assert not said.startswith("A worker refused it")
    assert f"| `{fault}` |" in PAGE


def test_a_limit_goes_before_what_envoy_says_of_it() -> None:
    said = undecided(shown(turned_away(status=429, details="local_rate_limited", limit="all")))
    assert said.startswith("The rate limit all is used up, so nothing was decided")


@pytest.mark.parametrize(
    ("details", "flags"), [("downstream_remote_disconnect", "DC"), ("http2.remote_reset", "DR")]
)
def test_whose_client_left_got_no_answer(details: str, flags: str) -> None:
    left = turned_away(status=0, details=details, flags=flags)
    assert undecided(shown(left)) == (
        "Its client left, so nothing was decided: POST /v1/chat/completions got no answer."
    )


def test_what_envoy_alone_knows_is_told_in_its_words() -> None:
    said = undecided(shown(turned_away(status=504, details="new", flags="UT")))
    assert said.startswith("Envoy ended it (new, timeout)")


def test_what_was_decided_is_not_explained_so() -> None:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.decided(decision())
    told = receipt_json(receipts.find(TRACE)[0])
    assert undecided(told) == ""
    del told["decided"]
    assert undecided(told) == ""


def test_what_it_asked_for_where_http_has_no_such_method() -> None:
    brew = replace(turned_away(), unserved=Unserved("", "/v1/files", TRACE))
    assert asked_for(shown(brew)) == "/v1/files"


def test_what_could_not_be_read_is_not_said_to_have_asked_for_something() -> None:
    nothing = turned_away(
        status=400, details="http1.codec_error", unserved=Unserved("", "", TRACE), dialect=None
    )
    told = shown(nothing)
    assert (told["method"], told["path"], told["dialect"]) == (None, None, None)
    assert undecided(told).endswith("nothing was decided: what came got 400.")


def test_the_whole_explanation_tells_nothing_that_is_not_known() -> None:
    console = Console(file=io.StringIO(), width=98, record=True)
    console.print(explanation(shown(turned_away())))
    text = console.export_text()
    assert text.startswith(f"Trace {TRACE}\nrequest {REQUEST}")
    assert "listeners[].api_keys" in text
    assert text.rstrip().endswith("In all: 250 ms")
    assert not [word for word in ("unknown", "cost", "route", "model") if word in text]
