from __future__ import annotations

from typing import Any

import pytest

from extproc.core.records import Attempt
from extproc.core.timeouts import Timeouts
from extproc.observer.cooldowns import Cooldowns
from extproc.ranking.snapshot import Cooldown, Phase


class Story:
    """Attempts at one model as time goes by."""

    def __init__(self) -> None:
        self.cooldowns = Cooldowns(Timeouts(attempt=60, answer=60), first_probe=70)
        self.now = 1000.0

    def attempt(
        self, status: int, *, began: float = 0.0, model: str = "a", **more: object
    ) -> Cooldown | None:
        """An attempt that ends now and began ``began`` seconds ago."""
        fields: dict[str, Any] = {
            "request_id": "r",
            "number": 1,
            "model": model,
            "cluster": model,
            "at": self.now - began,
            "status": status,
            "duration": began,
        } | more
        attempt = Attempt(**fields)
        self.cooldowns.attempted(attempt, attempt.at)
        return self.state(model)

    def after(self, seconds: float) -> Cooldown | None:
        """What there is after some seconds."""
        self.now += seconds
        self.cooldowns.tick(self.now)
        return self.state()

    def probe(self, request_id: str = "r") -> None:
        """A worker sends the probe now."""
        self.cooldowns.probed("a", request_id, self.now)

    def state(self, model: str = "a") -> Cooldown | None:
        return self.cooldowns.current().get(model)


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_model_that_asks_to_be_left_alone_is(story: Story) -> None:
    cooling = story.attempt(429, retry_after=5.0)
    assert cooling is not None
    assert (cooling.phase, cooling.reason) == (Phase.COOLING, "retry_after")
    assert cooling.until == story.now + 5
    assert story.after(4.9) == cooling
    probing = story.after(0.2)
    assert probing is not None
    assert (probing.phase, probing.probe) == (Phase.PROBING, 70)


@pytest.mark.parametrize("status", [429, 529])
def test_a_refusal_without_a_time_counts_at_once(story: Story, status: int) -> None:
    cooling = story.attempt(status)
    assert cooling is not None
    assert (cooling.reason, cooling.until) == ("failures", story.now + 2)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_two_failures_in_a_row_are_tolerated(story: Story, status: int) -> None:
    assert story.attempt(status) is None
    assert story.attempt(status) is None
    assert story.attempt(200) is None
    assert story.attempt(status) is None
    assert story.attempt(status) is None
    assert story.attempt(status) is not None


def test_a_503_with_a_time_counts_at_once(story: Story) -> None:
    cooling = story.attempt(503, retry_after=7.0)
    assert cooling is not None
    assert cooling.until == story.now + 7


@pytest.mark.parametrize("status", [400, 413, 422])
def test_the_clients_own_mistakes_do_not_count(story: Story, status: int) -> None:
    for _ in range(10):
        assert story.attempt(status) is None


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410])
def test_what_an_operator_has_to_mend_counts_at_once_and_for_minutes(
    story: Story, status: int
) -> None:
    cooling = story.attempt(status)
    assert cooling is not None
    assert (cooling.reason, cooling.until) == ("unusable", story.now + 300)


def test_a_provider_may_ask_for_longer(story: Story) -> None:
    cooling = story.attempt(402, retry_after=1000.0)
    assert cooling is not None
    assert cooling.until == story.now + 1000


def test_a_client_that_goes_away_does_not_count_but_slowness_does(story: Story) -> None:
    for _ in range(10):
        assert story.attempt(0, began=5) is None
    for _ in range(2):
        assert story.attempt(0, began=60) is None
    assert story.attempt(0, began=60) is not None


def test_an_answer_that_breaks_off_is_a_failure(story: Story) -> None:
    for _ in range(2):
        assert story.attempt(200, flags="UC") is None
    assert story.attempt(200, flags="UC") is not None


def test_our_own_failures_do_not_count(story: Story) -> None:
    for _ in range(10):
        assert story.attempt(503, details="ext_proc_error_gRPC_error_14") is None


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("details", ["dragoman_reply", "dragoman_reply{rate_limited}"])
def test_our_own_replies_do_not_count(story: Story, status: int, details: str) -> None:
    for _ in range(10):
        assert story.attempt(status, details=details, retry_after=5.0) is None


@pytest.mark.parametrize("code", ["error_first", "no_content_in_time", "ended_without_content"])
def test_a_stream_that_shows_no_content_counts(story: Story, code: str) -> None:
    for _ in range(2):
        assert story.attempt(503, details=f"dragoman_reply{{{code}}}") is None
    assert story.attempt(503, details=f"dragoman_reply{{{code}}}") is not None


def test_a_probe_that_was_sent_is_not_offered_any_more(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    offered = story.after(5)
    assert story.after(10) == offered
    story.probe()
    under_way = story.after(59)
    assert under_way is not None
    assert (under_way.phase, under_way.probe) == (Phase.PROBING, None)


@pytest.mark.parametrize("sent", [False, True])
def test_a_probe_of_which_nothing_is_heard_is_offered_again(story: Story, sent: bool) -> None:
    """It may have been claimed by a worker that died, or its end may not have been logged."""
    story.attempt(429, retry_after=5.0)
    story.after(5)
    if sent:
        story.probe()
    again = story.after(61)
    assert again is not None
    assert again.probe == 71


def test_a_probe_that_tells_nothing_is_offered_again_at_once(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    story.after(5)
    story.probe("ours")
    story.cooldowns.ended("a", "another", story.now)
    under_way = story.state()
    assert under_way is not None
    assert under_way.probe is None
    story.cooldowns.ended("a", "ours", story.now)
    again = story.state()
    assert again is not None
    assert again.probe == 71


@pytest.mark.parametrize(("status", "phase"), [(200, Phase.RETURNING), (500, Phase.COOLING)])
def test_a_probe_that_tells_something_is_over(story: Story, status: int, phase: Phase) -> None:
    story.attempt(429, retry_after=5.0)
    story.after(5)
    story.probe()
    story.now += 0.5
    told = story.attempt(status, began=0.3)
    assert told is not None
    assert told.phase is phase
    story.cooldowns.ended("a", "r", story.now)
    assert story.state() == told


def test_it_comes_back_gradually(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    story.after(5)
    story.probe()
    story.now += 0.5
    returning = story.attempt(200, began=0.3)
    shares = []
    while returning is not None:
        assert returning.phase is Phase.RETURNING
        shares.append(returning.share)
        returning = story.after(5)
    assert shares == [0.25, 0.5]


def pauses(story: Story, status: int, took: float, times: int) -> list[float]:
    """For how long a model is left alone that fails, and fails each probe."""
    found = []
    for _ in range(3):
        story.attempt(status, began=took)
    for _ in range(times):
        cooling = story.state()
        assert cooling is not None
        found.append(cooling.until - story.now)
        story.after(found[-1])
        story.probe()
        story.now += took
        story.attempt(status, began=took)
    return found


def test_a_probe_that_fails_makes_the_pause_grow_but_not_for_long(story: Story) -> None:
    assert pauses(story, 500, 0.01, 6) == pytest.approx([2, 4, 8, 15, 15, 15])


@pytest.mark.parametrize(
    ("took", "longest"), [(0.5, 15), (3.0, 15), (6.0, 30), (30.0, 150), (60.0, 300)]
)
def test_pauses_grow_further_where_a_probe_costs_time(
    story: Story, took: float, longest: float
) -> None:
    found = pauses(story, 504, took, 12)
    assert found[:3] == pytest.approx([2, 4, 8])
    assert found[-1] == pytest.approx(longest)


def test_a_model_may_stay_away_for_days(story: Story) -> None:
    assert pauses(story, 500, 0.0, 2000)[-1] == pytest.approx(15)


def test_what_a_provider_asks_for_is_honoured_however_long(story: Story) -> None:
    for _ in range(8):
        cooling = story.attempt(429, retry_after=120.0)
        assert cooling is not None
        assert cooling.until == story.now + 120
        story.after(120)


def test_after_a_full_return_pauses_are_short_again(story: Story) -> None:
    story.attempt(429)
    story.after(2)
    story.attempt(429)
    story.after(4)
    story.attempt(200)
    story.after(5)
    assert story.after(5) is None
    cooling = story.attempt(429)
    assert cooling is not None
    assert cooling.until - story.now == 2


def test_a_failure_on_the_way_back_sets_it_back(story: Story) -> None:
    story.attempt(429)
    story.after(2)
    story.attempt(200)
    cooling = story.attempt(500)
    assert cooling is not None
    assert (cooling.phase, cooling.until - story.now) == (Phase.COOLING, 4)


def test_what_began_before_says_nothing_new(story: Story) -> None:
    cooling = story.attempt(429, retry_after=5.0)
    story.now += 1
    assert story.attempt(200, began=2) == cooling
    assert story.attempt(500, began=2) == cooling
    longer = story.attempt(429, began=2, retry_after=30.0)
    assert longer is not None
    assert longer.until == story.now + 30


def test_a_last_resort_that_answers_is_taken_back(story: Story) -> None:
    story.attempt(429, retry_after=60.0)
    story.now += 1
    returning = story.attempt(200, began=0.5)
    assert returning is not None
    assert returning.phase is Phase.RETURNING


def test_a_model_that_nobody_wants_is_forgotten_in_the_end(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    story.after(5)
    for _ in range(60):
        state = story.after(60)
        assert state is not None
        assert state.phase is Phase.PROBING
    assert story.after(60) is None


def test_a_suspect_goes_behind_until_the_reason_is_known(story: Story) -> None:
    story.cooldowns.suspect("a", story.now)
    suspected = story.state()
    assert suspected is not None
    assert suspected.phase is Phase.SUSPECTED
    story.cooldowns.suspect("a", story.now + 0.1)
    assert story.state() == suspected
    cooling = story.attempt(429, retry_after=5.0)
    assert cooling is not None
    assert cooling.phase is Phase.COOLING
    story.cooldowns.suspect("a", story.now)
    assert story.state() == cooling


def test_a_tolerated_suspect_is_cleared_soon(story: Story) -> None:
    story.cooldowns.suspect("a", story.now)
    assert story.attempt(500) is not None
    assert story.after(0.3) is None


@pytest.mark.parametrize("details", ["request_rate_limited", "local_rate_limited"])
def test_a_limit_of_ours_is_nothing_against_a_model(story: Story, details: str) -> None:
    for _ in range(5):
        assert story.attempt(429, details=details, retry_after=60.0) is None
    assert story.attempt(503, details="rate_limiter_error") is None


def test_models_do_not_accumulate() -> None:
    story = Story()
    for number in range(1100):
        story.attempt(429, model=f"model-{number}")
        story.attempt(500, model=f"other-{number}")
    assert len(story.cooldowns.current()) == 1000
    assert story.state("model-1099") is not None


def test_no_pause_is_endless(story: Story) -> None:
    cooling = story.attempt(429, retry_after=1e9)
    assert cooling is not None
    assert cooling.until == story.now + 3600
