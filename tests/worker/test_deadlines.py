"""How long the attempts of a request are waited for."""

from __future__ import annotations

import pytest

from extproc.core.timeouts import Timeouts
from extproc.errors import ClientError
from extproc.worker.deadlines import (
    ATTEMPT_HEADERS,
    Deadline,
    GateTerms,
    Terms,
    deadline_of,
)
from extproc.worker.exchange import ProtocolError

NOW = 1_000_000.0
TIMES = Timeouts(attempt=10, first_content=5, answer=60)
OWN, SDK, READ = "x-dragoman-deadline-ms", "x-stainless-timeout", "x-stainless-read-timeout"


@pytest.mark.parametrize(
    ("headers", "deadline"),
    [
        ({}, None),
        ({OWN: "1000"}, Deadline(NOW + 0.9, asked=True)),
        ({OWN: "1"}, Deadline(NOW + 0.0009, asked=True)),
        ({OWN: "600000"}, Deadline(NOW + 599, asked=True)),
        ({SDK: "600"}, Deadline(NOW + 599)),
        ({SDK: "600.0", READ: "2"}, Deadline(NOW + 1.8)),
        ({SDK: "NOT_GIVEN", READ: "2"}, Deadline(NOW + 1.8)),
        ({OWN: "4000", READ: "2"}, Deadline(NOW + 3.6, asked=True)),
        ({SDK: "NOT_GIVEN"}, None),
        ({SDK: "nan"}, None),
        ({SDK: "0", READ: "-3"}, None),
    ],
)
def test_when_a_client_gives_up(headers: dict[str, str], deadline: Deadline | None) -> None:
    assert deadline_of(headers, NOW) == deadline


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "soon", "1e3", "²", "9" * 20])
def test_a_deadline_that_is_none(value: str) -> None:
    with pytest.raises(ClientError, match=f"{OWN} must be") as raised:
        deadline_of({OWN: value}, NOW)
    assert raised.value.status == 400


def of(terms: Terms, *, streamed: bool = False, last: bool = False) -> dict[str, str]:
    headers = terms.of_attempt(NOW, streamed=streamed, last=last)
    assert set(headers) <= set(ATTEMPT_HEADERS)
    return {name.removeprefix("x-dragoman-"): value for name, value in headers.items()}


def test_an_attempt_is_bounded_where_another_candidate_is_left() -> None:
    terms = Terms(TIMES)
    assert of(terms) == {"answer-within": "60000"}
    assert of(terms, streamed=True) == {"headers-within": "10000", "gated": "5;;"}
    assert of(terms, last=True) == {}
    assert of(terms, streamed=True, last=True) == {}


def test_a_deadline_bounds_streams_until_they_begin() -> None:
    terms = Terms(TIMES, Deadline(NOW + 3))
    gated = f"5;{NOW + 3!r};"
    assert of(terms) == {"answer-within": "60000"}, "ingress ends it"
    assert of(terms, streamed=True) == {
        "headers-within": "3000",
        "hurried": "1",
        "gated": gated,
    }
    assert of(terms, streamed=True, last=True) == {"headers-within": "3000", "hurried": "1"}
    far = Terms(TIMES, Deadline(NOW + 30))
    assert of(far, streamed=True) == {"headers-within": "10000", "gated": f"5;{NOW + 30!r};"}


def test_who_asked_for_a_deadline_wants_content_by_then() -> None:
    terms = Terms(TIMES, Deadline(NOW + 3, asked=True))
    assert of(terms, streamed=True, last=True)["gated"] == f";{NOW + 3!r};"


def test_a_stream_that_is_held_to_its_end_is_gated_also_at_the_last_candidate() -> None:
    terms = Terms(TIMES, hold=True)
    assert of(terms, streamed=True)["gated"] == "5;;60"
    assert of(terms, streamed=True, last=True) == {"gated": ";;60"}
    assert of(terms, last=True) == {}


def test_attempts_that_race_are_told_apart_by_their_content() -> None:
    terms = Terms(TIMES, hedge_after=0.75)
    assert of(terms, streamed=True, last=True) == {"gated": ";;"}
    assert of(terms, streamed=True)["gated"] == "5;;"
    assert of(terms, last=True) == {}
    race = {
        "x-dragoman-hedged": "1",
        "x-envoy-hedge-on-per-try-timeout": "true",
        "x-envoy-upstream-rq-per-try-timeout-ms": "750",
    }
    assert terms.of_request(NOW, streamed=False, longest=9) == race


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("last", [False, True])
def test_a_deadline_that_has_passed(streamed: bool, last: bool) -> None:
    terms = Terms(TIMES, Deadline(NOW))
    with pytest.raises(ClientError) as raised:
        terms.of_attempt(NOW, streamed=streamed, last=last)
    assert (raised.value.status, raised.value.code) == (504, "deadline")
    with pytest.raises(ClientError):
        terms.of_request(NOW, streamed=streamed, longest=9)


def test_ingress_bounds_whole_answers_and_streams_have_their_silence() -> None:
    terms = Terms(TIMES, Deadline(NOW + 0.0001))
    timeout = {"x-envoy-upstream-rq-timeout-ms": "1"}
    idle = {"x-dragoman-idle": "120000"}
    assert terms.of_request(NOW, streamed=False, longest=9) == timeout
    assert terms.of_request(NOW, streamed=True, longest=9) == idle
    assert Terms(TIMES).of_request(NOW, streamed=False, longest=9) == {}
    assert Terms(TIMES).of_request(NOW, streamed=True, longest=9) == idle
    assert Terms(TIMES, Deadline(NOW + 9)).of_request(NOW, streamed=False, longest=9) == {}


@pytest.mark.parametrize(
    "terms",
    [
        Terms(TIMES),
        Terms(Timeouts(0.1, 0.25, 1e6), Deadline(NOW + 0.123456)),
        Terms(TIMES, Deadline(NOW, asked=True)),
        Terms(TIMES, hold=True),
        Terms(TIMES, hold=True, hedge_after=0.75),
    ],
)
def test_terms_come_back_as_they_were(terms: Terms) -> None:
    (value,) = terms.encode().values()
    assert Terms.decode(value) == terms


@pytest.mark.parametrize("terms", [GateTerms(5), GateTerms(None, NOW), GateTerms(0.1, NOW, 60.0)])
def test_the_gates_terms_come_back_as_they_were(terms: GateTerms) -> None:
    assert GateTerms.decode(terms.encode()) == terms


@pytest.mark.parametrize("value", ["", "1", "1;2;3", "1;2;3;4;5;6", ";2;3;;;;", "a;b;c;;;;"])
def test_what_are_no_terms(value: str) -> None:
    with pytest.raises(ProtocolError, match="no terms"):
        Terms.decode(value)
    if value.count(";") != 2:
        with pytest.raises(ProtocolError, match="no terms"):
            GateTerms.decode(value)
