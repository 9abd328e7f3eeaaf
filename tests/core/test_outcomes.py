from __future__ import annotations

import pytest

from extproc.contract import ERROR_DETAILS, REPLY_DETAILS
from extproc.core.outcomes import (
    AttemptOutcome,
    Blame,
    StreamEnd,
    outcome_of,
    retried_statuses,
)
from extproc.core.own_replies import (
    ENDED_UNFINISHED,
    ENDED_WITHOUT_CONTENT,
    ERROR_AFTER_CONTENT,
    ERROR_FIRST,
    NO_CONTENT_IN_TIME,
)


@pytest.mark.parametrize(
    ("status", "moves_on", "blame"),
    [
        (0, True, Blame.IF_LATE),
        (302, False, Blame.NONE),
        (400, False, Blame.NONE),
        (401, True, Blame.SETUP),
        (402, True, Blame.SETUP),
        (403, True, Blame.SETUP),
        (404, True, Blame.SETUP),
        (408, True, Blame.FAILURE),
        (409, True, Blame.NONE),
        (410, True, Blame.SETUP),
        (422, False, Blame.NONE),
        (429, True, Blame.REFUSAL),
        (500, True, Blame.FAILURE),
        (503, True, Blame.FAILURE),
        (529, True, Blame.REFUSAL),
    ],
)
def test_an_attempt_without_an_answer(status: int, moves_on: bool, blame: Blame) -> None:
    outcome = outcome_of(status, "via_upstream", "-")
    assert outcome == AttemptOutcome(moves_on, blame, given_up=status == 0)


def test_an_answer() -> None:
    assert outcome_of(200, "via_upstream") == AttemptOutcome(costs=True, complete=True)


@pytest.mark.parametrize("flags", ["UC", "LR,UR", "DC,UT", "SI"])
def test_an_answer_that_breaks_off_costs_and_counts_against_the_model(flags: str) -> None:
    assert outcome_of(200, flags=flags) == AttemptOutcome(blame=Blame.FAILURE, costs=True)


@pytest.mark.parametrize("flags", ["DC", "URX", "made_up"])
def test_flags_that_say_nothing_against_an_answer(flags: str) -> None:
    assert outcome_of(200, flags=flags).complete


@pytest.mark.parametrize("status", [429, 500, 503, 529])
@pytest.mark.parametrize(
    "details",
    [f"{ERROR_DETAILS}_gRPC_error_14", REPLY_DETAILS, f"{REPLY_DETAILS}{{internal_error}}"],
)
def test_what_we_say_ourselves_moves_on_and_blames_nobody(status: int, details: str) -> None:
    assert outcome_of(status, details) == AttemptOutcome(moves_on=True)


@pytest.mark.parametrize("code", [NO_CONTENT_IN_TIME, ERROR_FIRST, ENDED_WITHOUT_CONTENT])
def test_a_verdict_on_a_stream_blames_its_provider(code: str) -> None:
    assert outcome_of(503, f"{REPLY_DETAILS}{{{code}}}").blame is Blame.FAILURE


@pytest.mark.parametrize(
    ("status", "details", "flags"),
    [
        (0, "downstream_remote_disconnect", "DC"),
        (504, "response_timeout", "UT"),
        (504, "stream_idle_timeout", "SI"),
        (504, f"{REPLY_DETAILS}{{{NO_CONTENT_IN_TIME}}}", ""),
    ],
)
def test_a_provider_that_is_not_waited_for_is_given_up(
    status: int, details: str, flags: str
) -> None:
    assert outcome_of(status, details, flags).given_up
    assert outcome_of(status, details, flags).moves_on


@pytest.mark.parametrize(
    ("status", "details", "flags"),
    [
        (504, "via_upstream", ""),
        (429, "via_upstream", "UT"),
        (503, "upstream_reset_before_response_started", "UF"),
        (503, f"{REPLY_DETAILS}{{{ERROR_FIRST}}}", ""),
        (504, f"{REPLY_DETAILS}{{too_slow}}", ""),
        (0, f"{ERROR_DETAILS}_gRPC_error_14", "DC"),
    ],
)
def test_what_has_failed_or_was_never_asked_is_not_given_up(
    status: int, details: str, flags: str
) -> None:
    assert not outcome_of(status, details, flags).given_up


def test_the_statuses_that_envoy_is_told_to_retry() -> None:
    assert retried_statuses() == (401, 402, 403, 404, 408, 409, 410, 429)


def test_envoy_can_be_told_what_the_table_says() -> None:
    """Its policy retries every 5xx, and of the other statuses those that it lists."""
    listed = retried_statuses()
    for status in range(100, 600):
        assert outcome_of(status).moves_on is (status >= 500 or status in listed)


@pytest.mark.parametrize("end", StreamEnd)
def test_a_stream_that_ends_badly_counts_against_the_model(end: StreamEnd) -> None:
    broke_off = AttemptOutcome(blame=Blame.FAILURE, costs=True)
    expected = outcome_of(200) if end is StreamEnd.FINISHED else broke_off
    assert outcome_of(200, end=end) == expected
    assert outcome_of(429, end=end).blame is Blame.REFUSAL


def test_a_timeout_of_its_client_is_not_the_models() -> None:
    assert outcome_of(504, flags="UT").blame is Blame.FAILURE
    assert outcome_of(504, flags="UT", hurried=True).blame is Blame.IF_LATE
    assert outcome_of(503, flags="UF", hurried=True).blame is Blame.FAILURE


@pytest.mark.parametrize("code", [ERROR_AFTER_CONTENT, ENDED_UNFINISHED])
def test_a_held_stream_that_breaks_moves_on_and_costs(code: str) -> None:
    outcome = outcome_of(503, f"{REPLY_DETAILS}{{{code}}}")
    assert outcome == AttemptOutcome(moves_on=True, blame=Blame.FAILURE, costs=True)


@pytest.mark.parametrize("status", [0, 200])
def test_an_attempt_that_was_slower_than_another_is_nobodys_fault_and_costs(status: int) -> None:
    assert outcome_of(status, flags="DC", lost=True) == AttemptOutcome(costs=True)
