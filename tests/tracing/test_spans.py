"""The spans that are made of a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt, Completion, DecisionRecord, Skipped, Unserved
from extproc.core.tracing import RequestSpan, Tracing
from extproc.core.usage import Usage
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.telemetry.undecided import stand_in
from extproc.tracing.gen_ai import Names, names_for
from extproc.tracing.span import Span
from extproc.tracing.spans import Spans
from tests.helpers.near import near
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    NOW,
    TRACE,
    attempt,
    completion,
    configuration,
    decision,
    turned_away,
)

SPAN, PARENT = "a1b2c3d4e5f60718", "00f067aa0ba902b7"
BEGUN = RequestSpan(SPAN, PARENT, state="vendor=1", attributes={"tenant.id": "17"})
PROMPT = '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]'


def receipt(
    *attempts: Attempt,
    decided: DecisionRecord | None = None,
    ended: Completion | None = None,
    **begun: Any,
) -> Receipt:
    of_request = decided or decision()
    span = replace(BEGUN, **begun)
    entries = tuple(PricedAttempt(each, 0.25 if each.succeeded else None) for each in attempts)
    end = ended or completion(len(attempts), attempts[-1].model if attempts else None)
    return Receipt(structs.replace(of_request, span=of_request.span or span), entries, end)


def spans(
    told: Receipt,
    tracing: Tracing | None = None,
    names: Names | None = None,
    prompt: str | None = None,
) -> list[Span]:
    made = Spans(configuration(), tracing or Tracing(), names or Names())
    return [*made.of(told, prompt)]


def test_a_request_and_its_attempts() -> None:
    failed, good = attempt(1, LARGE, 429, retry_after=7.0), attempt(2, CLAUDE)
    request, first, second = spans(receipt(failed, good))
    assert (request.trace_id, request.span_id, request.parent_id) == (TRACE, SPAN, PARENT)
    assert (request.name, request.asks, request.error) == (f"chat {LARGE}", True, None)
    assert (request.start, request.end) == (NOW + 9, NOW + 9 + 1.75)
    assert {each.parent_id for each in (first, second)} == {SPAN}
    assert [each.span_id for each in (first, second)] == ["1fa1b2c3d4e5f607", "2fa1b2c3d4e5f607"]
    assert [each.name for each in (first, second)] == [f"attempt {LARGE}", f"attempt {CLAUDE}"]
    assert (first.start, first.end) == (failed.at, failed.at + failed.duration)
    assert {each.state for each in (request, first, second)} == {"vendor=1"}
    assert first.error == "429"
    assert first.attributes["dragoman.attempt.retry_after"] == 7.0
    assert "http.request.resend_count" not in first.attributes
    assert second.attributes["http.request.resend_count"] == 1
    assert second.attributes["server.address"] == "api.anthropic.com"
    assert second.attributes["dragoman.cost.usd"] == 0.25
    assert not [name for name in second.attributes if name.startswith("gen_ai.")]


def test_what_a_request_asked_for_and_got() -> None:
    good = attempt(1, CLAUDE, reported_model="claude-sonnet-4-20250514", finish_reasons=("stop",))
    decided = decision(streamed=True, session_id="ours", pinned=True)
    request, _ = spans(receipt(good, decided=decided, ended=completion(at=NOW + 0.9)))
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": LARGE,
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "claude-sonnet-4-20250514",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.time_to_first_chunk": near(0.1 + 0.25),
        "gen_ai.conversation.id": "ours",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 200,
        "gen_ai.usage.cache_read.input_tokens": 400,
        "server.address": "api.anthropic.com",
        "server.port": 443,
        "dragoman.route.name": "code",
        "dragoman.route.score": 0.41,
        "dragoman.route.pinned": True,
        "dragoman.ranking.policy": "cheapest",
        "dragoman.ranking.candidates": (MINI, LARGE, CLAUDE),
        "dragoman.ranking.values": (f"{MINI}: 0.75", f"{LARGE}: 12.5"),
        "dragoman.ranking.cooldowns": (f"{CLAUDE}: retry_after",),
        "dragoman.cost.usd": 0.25,
        "tenant.id": "17",
    }
    assert {name: request.attributes.get(name) for name in expected} == expected
    assert "error.type" not in request.attributes


def test_every_name_is_one_of_the_conventions() -> None:
    known = {value for value in vars(gen_ai_attributes).values() if isinstance(value, str)}
    usage = Usage(10, 5, 4, cache_write_tokens=3, reasoning_tokens=2)
    good = attempt(usage=usage, finish_reasons=("stop",))
    decided = decision(streamed=True, session_id="ours")
    request, _ = spans(receipt(good, decided=decided), prompt=PROMPT)
    said = {name for name in request.attributes if name.startswith("gen_ai.")}
    assert len(said) == 14
    assert said <= known


def test_newer_names_behind_a_switch() -> None:
    told = receipt(attempt(usage=Usage(10, 5, cache_write_tokens=3)))
    older, newer = (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
    )
    assert spans(told)[0].attributes[older] == 3
    asked = names_for({"OTEL_SEMCONV_STABILITY_OPT_IN": "http, gen_ai_latest_experimental"})
    assert spans(told, names=asked)[0].attributes[newer] == 3
    assert older not in spans(told, names=asked)[0].attributes
    assert names_for({"OTEL_SEMCONV_STABILITY_OPT_IN": "http"}) == Names()


@pytest.mark.parametrize(
    ("end", "ended", "error"),
    [
        ({"status": 503}, {"status": 503}, "503"),
        ({"status": 0, "flags": "UF"}, {"status": 503, "flags": "UF"}, "connection_error"),
        ({"status": 504, "flags": "UT"}, {"status": 504}, "timeout"),
        ({"stream_end": StreamEnd.UNFINISHED}, {"status": 200}, "stream_unfinished"),
        ({"flags": "UC"}, {"status": 200}, "connection_error"),
        ({"status": 0, "flags": "DC"}, {"status": 0, "flags": "DC"}, None),
        ({"status": 0, "flags": "DC"}, {"status": 0, "flags": "DR"}, None),
        ({"status": 400}, {"status": 400}, "400"),
    ],
)
def test_how_requests_fail(
    end: Mapping[str, Any], ended: Mapping[str, Any], error: str | None
) -> None:
    request, tried = spans(receipt(attempt(**end), ended=completion(**ended)))
    assert request.error == tried.error == error
    assert request.attributes.get("error.type") == error
    left = True if ended.get("flags") in ("DC", "DR") else None
    assert request.attributes.get("dragoman.client_left") is left


def test_a_request_that_no_provider_was_asked_about() -> None:
    (request,) = spans(receipt(ended=completion(0, None, 503)))
    assert request.error == "503"
    assert "gen_ai.response.model" not in request.attributes
    assert request.attributes["gen_ai.provider.name"] == "openai"


def test_a_request_whose_end_nobody_told() -> None:
    entry = PricedAttempt(attempt())
    told = Receipt(structs.replace(decision(), span=BEGUN), (entry,), None)
    request, _ = spans(told)
    assert (request.start, request.end) == (NOW, entry.attempt.at + entry.attempt.duration)
    assert request.error == "_OTHER"


@pytest.mark.parametrize(
    ("changed", "name", "operation"),
    [
        ({"requested_model": None}, "chat", "chat"),
        ({"forwarded": "/v1/embeddings"}, f"embeddings {LARGE}", "embeddings"),
        ({"forwarded": "/v1/completions"}, f"text_completion {LARGE}", "text_completion"),
        ({"forwarded": "/v1/files/file-1/content", "requested_model": None}, "/v1/files", None),
        ({"decision_only": True}, f"decide {LARGE}", None),
    ],
)
def test_names(changed: Mapping[str, Any], name: str, operation: str | None) -> None:
    request, *_ = spans(receipt(attempt(), decided=decision(**changed)))
    assert request.name == name
    assert request.attributes.get("gen_ai.operation.name") == operation
    assert request.asks == ("decision_only" not in changed)


def test_who_is_not_sampled_leaves_none() -> None:
    assert spans(receipt(attempt(), sampled=False)) == []
    assert spans(Receipt(decision(), (), completion())) == []


def test_what_the_configuration_says_is_on_every_span_and_hides_nothing() -> None:
    tracing = Tracing(attributes={"env": "test", "dragoman.status": 1, "tenant.id": "0"})
    request, tried = spans(receipt(attempt()), tracing)
    assert request.attributes["env"] == tried.attributes["env"] == "test"
    assert request.attributes["dragoman.status"] == 200
    assert request.attributes["tenant.id"] == "17"


def test_openinference() -> None:
    tracing = Tracing(openinference=True)
    request, tried = spans(receipt(attempt(1, CLAUDE)), tracing, prompt=PROMPT)
    expected = {
        "openinference.span.kind": "LLM",
        "llm.provider": "anthropic",
        "llm.model_name": "claude-sonnet-4",
        "llm.token_count.prompt": 1000,
        "llm.token_count.completion": 200,
        "llm.token_count.total": 1200,
        "llm.cost.total": 0.25,
        "input.value": PROMPT,
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "hi",
    }
    assert {name: request.attributes.get(name) for name in expected} == expected
    assert not [name for name in tried.attributes if name.startswith(("llm.", "openinference."))]
    embedding = receipt(attempt(), decided=decision(forwarded="/v1/embeddings"))
    assert spans(embedding, tracing)[0].attributes["openinference.span.kind"] == "EMBEDDING"
    assert not [name for name in spans(embedding)[0].attributes if name.startswith("llm.")]


def test_models_that_were_no_candidates() -> None:
    decided = decision(skipped=(Skipped(LARGE, "skipped:audio", "it takes no audio"),))
    request, _ = spans(receipt(attempt(), decided=decided))
    assert request.attributes["dragoman.ranking.skipped"] == (f"{LARGE}: skipped:audio",)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/v1/embeddings", "embeddings"),
        ("POST", "/routing/v1/messages", "decide"),
        ("GET", "/whatever/somebody/made/up", "GET"),
        ("", "/v1/files", "HTTP"),
    ],
)
def test_what_nobody_decided_is_not_called_by_a_path_that_its_client_made_up(
    method: str, path: str, name: str
) -> None:
    end = turned_away(dialect=None, unserved=Unserved(method, path, TRACE))
    decided = structs.replace(stand_in(end), span=BEGUN)
    (span,) = spans(Receipt(decided, completion=end, decided=False))
    assert (span.name, span.asks, span.error) == (name, name != "decide", "401")


def test_a_client_that_left_undecided_is_no_error() -> None:
    end = turned_away(status=0, details="downstream_remote_disconnect", flags="DC")
    decided = structs.replace(stand_in(end), span=BEGUN)
    (span,) = spans(Receipt(decided, completion=end, decided=False))
    assert (span.name, span.error) == ("chat", None)
    assert span.attributes["dragoman.client_left"] is True
    assert "http.response.status_code" not in span.attributes
