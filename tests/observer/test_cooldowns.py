from __future__ import annotations

from collections.abc import Sequence

import pytest

from extproc.core.records import Attempt
from extproc.observer.cooldowns import Cooldowns
from extproc.ranking.snapshot import Cooldown, Phase

WORKERS = (0, 1)


class Story:
    """Attempts at one model as time goes by."""

    def __init__(self, workers: Sequence[int] = WORKERS) -> None:
        self.cooldowns = Cooldowns(attempt_timeout=60)
        self.workers = workers
        self.now = 1000.0

    def attempt(
        self, status: int, *, began: float = 0.0, model: str = "a", **more: object
    ) -> Cooldown | None:
        """An attempt that ends now and began ``began`` seconds ago."""
        fields = {
            "request_id": "r",
            "number": 1,
            "model": model,
            "cluster": model,
            "at": self.now - began,
            "status": status,
            "duration": began,
        } | more
        self.cooldowns.attempted(Attempt(**fields))  # type: ignore[arg-type]
        return self.state(model)

    def after(self, seconds: float) -> Cooldown | None:
        """What there is after some seconds."""
        self.now += seconds
        self.cooldowns.tick(self.now, self.workers)
        return self.state()

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
    assert probing.phase is Phase.PROBING


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


def test_one_probe_at_a_time_and_it_goes_from_worker_to_worker(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    first = story.after(5)
    assert first is not None
    assert story.after(0.5) == first
    second = story.after(0.5)
    assert second is not None
    assert second.probe == first.probe + 1
    assert {first.prober, second.prober} == set(WORKERS)
    story.cooldowns.probed("a", story.now)
    taken = story.after(3)
    assert taken is not None
    assert taken.prober is None
    assert taken.probe == second.probe


def test_a_single_worker_keeps_its_probe() -> None:
    story = Story(workers=(3,))
    story.attempt(429, retry_after=5.0)
    first = story.after(5)
    assert first is not None
    assert first.prober == 3
    assert story.after(10) == first


def test_a_probe_whose_outcome_is_lost_is_sent_again(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    first = story.after(5)
    assert first is not None
    story.cooldowns.probed("a", story.now)
    story.after(59)
    again = story.after(2)
    assert again is not None
    assert again.probe == first.probe + 1
    assert again.prober is not None


def test_it_comes_back_gradually(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    story.after(5)
    story.cooldowns.probed("a", story.now)
    story.now += 0.5
    returning = story.attempt(200, began=0.3)
    shares = []
    while returning is not None:
        assert returning.phase is Phase.RETURNING
        shares.append(returning.share)
        returning = story.after(5)
    assert shares == [0.25, 0.5]


def test_a_probe_that_fails_makes_the_pause_grow(story: Story) -> None:
    story.attempt(429)
    pauses = []
    for _ in range(10):
        cooling = story.state()
        assert cooling is not None
        pauses.append(cooling.until - story.now)
        story.after(pauses[-1])
        story.cooldowns.probed("a", story.now)
        story.attempt(500)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


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


def test_a_model_that_nobody_wants_first_is_taken_back_without_a_probe(story: Story) -> None:
    story.attempt(429, retry_after=5.0)
    phases = []
    while (state := story.after(1)) is not None:
        phases.append(state.phase)
    assert set(phases) == {Phase.COOLING, Phase.PROBING, Phase.RETURNING}
    assert 25 <= phases.count(Phase.PROBING) <= 35


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


@pytest.mark.no_cover  # a million steps
def test_models_do_not_accumulate() -> None:
    story = Story()
    for number in range(5000):
        story.attempt(429, model=f"model-{number}")
        story.attempt(500, model=f"other-{number}")
    assert len(story.cooldowns.current()) == 1000
    assert story.state("model-4999") is not None


def test_no_pause_is_endless(story: Story) -> None:
    cooling = story.attempt(429, retry_after=1e9)
    assert cooling is not None
    assert cooling.until == story.now + 3600
