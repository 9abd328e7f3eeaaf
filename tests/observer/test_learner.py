"""What decisions and attempts teach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from extproc.core.config import Config
from extproc.core.models import ClientKey
from extproc.core.records import Attempt, DecisionRecord, Ranked
from extproc.core.routes import Hedge, Route
from extproc.core.sources import LatencyMeasure, LatencySource, ObservedLatency
from extproc.core.usage import Usage
from extproc.link.messages import OriginNotice, PinNotice
from extproc.observer.learner import Learner
from extproc.ranking.snapshot import Phase, Tail
from tests.helpers.near import near
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    NOW,
    REQUEST,
    attempt,
    configuration,
    decision,
)

CONFIG = configuration()
SIBLING = "openai/another"
PROBE = decision(candidates=(Ranked(MINI, cooldown="probe"),))
OF_A_SESSION = {"session_id": "ours", "session_key": "ours"}


class Learning:
    """A learner, the pins that it had followed, and the origins that it had remembered."""

    def __init__(self, config: Config = CONFIG) -> None:
        self.followed: list[PinNotice] = []
        self.remembered: list[OriginNotice] = []
        self.learner = Learner(config, self.followed.append, self.remembered.append)

    def phase(self, model: str = MINI) -> Phase | None:
        cooldown = self.learner.cooldowns().get(model)
        return None if cooldown is None else cooldown.phase


@pytest.fixture
def learning() -> Learning:
    return Learning()


def test_nothing_is_known_at_first(learning: Learning) -> None:
    learner = learning.learner
    assert (learner.cooldowns(), learner.output_tokens()) == ({}, {})
    assert learner.latencies(NOW) is None


def test_a_model_that_refuses_cools_down_is_probed_and_comes_back(learning: Learning) -> None:
    learner = learning.learner
    learner.attempted(attempt(status=429, retry_after=5.0))
    assert learning.phase() is Phase.COOLING
    until = learner.cooldowns()[MINI].until
    learner.tick(until - 0.1)
    assert learning.phase() is Phase.COOLING
    learner.tick(until)
    assert learning.phase() is Phase.PROBING
    assert learner.cooldowns()[MINI].probe == 1
    learner.decided(PROBE, until)
    assert learner.cooldowns()[MINI].probe is None
    learner.attempted(attempt(at=until + 0.1))
    assert learning.phase() is Phase.RETURNING


@pytest.mark.parametrize(
    "record",
    [
        decision(candidates=(Ranked(MINI, cooldown="probe"),), decision_only=True),
        decision(candidates=(Ranked(MINI, cooldown="failures"),)),
        decision(candidates=(Ranked(LARGE), Ranked(MINI, cooldown="probe"))),
    ],
)
def test_what_is_no_probe(learning: Learning, record: DecisionRecord) -> None:
    learner = learning.learner
    learner.attempted(attempt(status=429, retry_after=5.0))
    learner.tick(learner.cooldowns()[MINI].until)
    offered = learner.cooldowns()[MINI]
    learner.decided(record, NOW)
    assert learner.cooldowns()[MINI] == offered
    assert offered.probe is not None


@pytest.mark.parametrize(
    "ended",
    [
        lambda learner, at: learner.attempted(attempt(at=at, duration=0.1, status=0)),
        lambda learner, at: learner.attempted(attempt(at=at, duration=0.1, status=400)),
        lambda learner, at: learner.completed(REQUEST, at + 0.1),
    ],
)
def test_after_a_probe_that_tells_nothing_there_is_another_at_once(
    learning: Learning, ended: Callable[[Learner, float], None]
) -> None:
    learner = learning.learner
    learner.attempted(attempt(status=429, retry_after=5.0))
    until = learner.cooldowns()[MINI].until
    learner.tick(until)
    learner.decided(PROBE, until)
    learner.decided(decision("another"), until)
    learner.attempted(attempt(1, LARGE, request_id="another", at=until))
    learner.completed("another", until + 1)
    assert learner.cooldowns()[MINI].probe is None
    ended(learner, until)
    assert learner.cooldowns()[MINI].probe == 2


def test_a_suspect_waits_for_the_access_log(learning: Learning) -> None:
    learning.learner.suspected(MINI, NOW)
    assert learning.phase() is Phase.SUSPECTED
    learning.learner.attempted(attempt(status=429))
    assert learning.phase() is Phase.COOLING
    learning.learner.suspected(LARGE, NOW)
    learning.learner.tick(NOW + 1)
    assert learning.phase(LARGE) is None


def test_with_cooldowns_turned_off_no_model_is_set_back() -> None:
    learning = Learning(replace(CONFIG, cooldowns=False))
    for _ in range(5):
        learning.learner.attempted(attempt(status=429, retry_after=60.0))
    learning.learner.suspected(MINI, NOW)
    learning.learner.decided(PROBE, NOW)
    learning.learner.completed("r", NOW)
    learning.learner.tick(NOW + 1)
    assert learning.learner.cooldowns() == {}


def test_observed_latencies_and_when_they_were_measured_last() -> None:
    learner = Learning(replace(CONFIG, latencies=ObservedLatency(percentile=50))).learner
    assert learner.latencies(NOW) == ({}, None)
    for number, first_byte in enumerate((0.3, 0.1, 0.2)):
        learner.attempted(attempt(at=NOW + number, duration=1.5, first_byte=first_byte))
    learner.attempted(attempt(at=NOW + 10, status=500, first_byte=0.001))
    learner.attempted(attempt(at=NOW + 11, first_byte=None))
    assert learner.latencies(NOW + 12) == ({MINI: 0.2}, NOW + 3.5)
    assert learner.latencies(NOW + 400) == ({}, NOW + 3.5)


def test_observed_latencies_stay_good_for_a_moment() -> None:
    learner = Learning(replace(CONFIG, latencies=ObservedLatency(percentile=50))).learner
    for number in range(3):
        learner.attempted(attempt(at=NOW + number, first_byte=0.2))
    assert learner.latencies(NOW + 5) == ({MINI: 0.2}, NOW + 3.5)
    for number in range(9):
        learner.attempted(attempt(at=NOW + 3 + number / 10, first_byte=0.1))
    assert learner.latencies(NOW + 5.25) == ({MINI: 0.2}, near(NOW + 5.3))
    assert learner.latencies(NOW + 5.75) == ({MINI: 0.1}, near(NOW + 5.3))


def test_the_configured_measure_is_observed() -> None:
    observed = ObservedLatency(measure=LatencyMeasure.DURATION, percentile=100)
    learner = Learning(replace(CONFIG, latencies=observed)).learner
    for number, duration in enumerate((2.0, 4.0, 3.0)):
        learner.attempted(attempt(at=NOW + number, duration=duration, first_byte=0.1))
    assert learner.latencies(NOW + 9) == ({MINI: 4.0}, NOW + 5)


def test_where_another_source_gives_latencies_none_are_observed() -> None:
    learner = Learning(replace(CONFIG, latencies=LatencySource("http://h", "q"))).learner
    for number in range(5):
        learner.attempted(attempt(at=NOW + number))
    assert learner.latencies(NOW + 9) is None


def test_how_long_the_answers_of_a_route_are(learning: Learning) -> None:
    learner = learning.learner
    learner.decided(decision("first"), NOW)
    learner.attempted(attempt(request_id="first", usage=Usage(10, 100)))
    assert learner.output_tokens() == {"code": 100.0}
    learner.decided(decision("second", route="chat"), NOW)
    learner.attempted(attempt(request_id="second", usage=Usage(10, 7)))
    assert learner.output_tokens() == {"code": 100.0, "chat": 7.0}


def test_what_teaches_nothing_of_the_length_of_answers(learning: Learning) -> None:
    learner = learning.learner
    learner.attempted(attempt(request_id="unheard-of", usage=Usage(10, 100)))
    learner.decided(decision("no route", route=None), NOW)
    learner.attempted(attempt(request_id="no route", usage=Usage(10, 100)))
    learner.decided(decision("inline", route="a client's own"), NOW)
    learner.attempted(attempt(request_id="inline", usage=Usage(10, 100)))
    learner.decided(decision("failed"), NOW)
    learner.attempted(attempt(request_id="failed", status=500, usage=Usage(10, 100)))
    learner.decided(decision("silent"), NOW)
    learner.attempted(attempt(request_id="silent", usage=Usage(10, None)))
    learner.decided(decision("alone", decision_only=True), NOW)
    learner.attempted(attempt(request_id="alone", usage=Usage(10, 100)))
    assert learner.output_tokens() == {}


def test_a_session_follows_the_model_that_answered(learning: Learning) -> None:
    learner = learning.learner
    learner.decided(decision(**OF_A_SESSION), NOW)
    learner.attempted(attempt(1, MINI, 500))
    assert learning.followed == []
    learner.attempted(attempt(2, CLAUDE))
    assert learning.followed == [PinNotice("ours", CLAUDE, "code")]


def test_a_session_whose_request_was_diverted_does_not_follow(learning: Learning) -> None:
    learning.learner.decided(decision(diverted_to="code", **OF_A_SESSION), NOW)
    learning.learner.attempted(attempt(2, CLAUDE))
    assert learning.followed == []


def test_a_session_without_a_route_follows_too(learning: Learning) -> None:
    learning.learner.decided(decision(route=None, **OF_A_SESSION), NOW)
    learning.learner.attempted(attempt(2, LARGE))
    assert learning.followed == [PinNotice("ours", LARGE, None)]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (decision(**OF_A_SESSION), attempt(1, MINI)),
        (decision(**OF_A_SESSION), attempt(2, CLAUDE, 503)),
        (decision(**OF_A_SESSION), attempt(2, CLAUDE, flags="UC")),
        (decision(**OF_A_SESSION), attempt(2, CLAUDE, request_id="another")),
        (decision(decision_only=True, **OF_A_SESSION), attempt(2, CLAUDE)),
        (decision(), attempt(2, CLAUDE)),
    ],
)
def test_a_session_stays_where_it_is(
    learning: Learning, record: DecisionRecord, told: Attempt
) -> None:
    learning.learner.decided(record, NOW)
    learning.learner.attempted(told)
    assert learning.followed == []


def test_decisions_do_not_accumulate(learning: Learning) -> None:
    for number in range(20_001):
        learning.learner.decided(decision(f"request-{number}", **OF_A_SESSION), NOW)
    learning.learner.attempted(attempt(2, CLAUDE, request_id="request-0"))
    assert learning.followed == []
    learning.learner.attempted(attempt(2, CLAUDE, request_id="request-1"))
    assert len(learning.followed) == 1


def test_an_answer_that_is_told_before_its_decision_teaches_the_same(learning: Learning) -> None:
    """Workers gather decisions, and which of the two is heard first is chance."""
    learner, decided = learning.learner, decision(kept=True, **OF_A_SESSION)
    learner.attempted(attempt(1, MINI, 500))
    learner.attempted(attempt(2, CLAUDE, usage=Usage(10, 100), made=("resp_1",)))
    assert (learning.followed, learner.output_tokens()) == ([], {})
    learner.decided(decision("another", **OF_A_SESSION), NOW)
    assert learning.followed == []
    for _ in range(2):
        learner.decided(decided, NOW)
        assert learning.followed == [PinNotice("ours", CLAUDE, "code")]
        assert learner.output_tokens() == {"code": 100.0}
    assert learning.remembered[-1] == OriginNotice("resp_1", CLAUDE, "code")


def test_answers_without_a_decision_do_not_accumulate(learning: Learning) -> None:
    for number in range(1001):
        learning.learner.attempted(attempt(2, CLAUDE, request_id=f"request-{number}"))
    learning.learner.decided(decision("request-0", **OF_A_SESSION), NOW)
    assert learning.followed == []
    learning.learner.decided(decision("request-1", **OF_A_SESSION), NOW)
    assert len(learning.followed) == 1


def with_client_keys() -> Learning:
    """The model MINI is asked with the keys that clients bring."""
    models = (
        replace(model, client_key=ClientKey("authorization", "Bearer "))
        if model.name == MINI
        else model
        for model in CONFIG.models
    )
    return Learning(replace(CONFIG, models=tuple(models)))


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429])
def test_what_one_clients_key_may_not_says_nothing_of_the_model(status: int) -> None:
    learning = with_client_keys()
    for number in range(5):
        learning.learner.suspected(MINI, NOW + number)
        learning.learner.attempted(attempt(status=status, at=NOW + number, retry_after=60.0))
    assert learning.phase() is None
    learning.learner.attempted(attempt(1, LARGE, status=429, retry_after=60.0))
    assert learning.phase(LARGE) is Phase.COOLING


def of_one_account() -> Learning:
    """The model MINI and another entry of its provider with the same key."""
    mini = next(model for model in CONFIG.models if model.name == MINI)
    return Learning(replace(CONFIG, models=(*CONFIG.models, replace(mini, name=SIBLING))))


@pytest.mark.parametrize("status", [401, 402])
def test_what_is_said_of_a_key_holds_for_all_that_share_it(status: int) -> None:
    learning = of_one_account()
    learning.learner.attempted(attempt(status=status))
    assert (learning.phase(), learning.phase(SIBLING)) == (Phase.COOLING, Phase.COOLING)
    assert learning.phase(CLAUDE) is None


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_is_said_of_a_model_holds_for_it_alone(status: int) -> None:
    learning = of_one_account()
    learning.learner.attempted(attempt(status=status))
    assert (learning.phase(), learning.phase(SIBLING)) == (Phase.COOLING, None)


def test_a_model_that_fails_cools_down_whosever_key_it_was() -> None:
    learning = with_client_keys()
    for number in range(3):
        learning.learner.attempted(attempt(status=503, at=NOW + number))
    assert learning.phase() is Phase.COOLING


def test_who_has_made_what_is_remembered(learning: Learning) -> None:
    learning.learner.decided(decision(kept=True), NOW)
    learning.learner.attempted(attempt(made=("resp_1", "file-2")))
    learning.learner.attempted(attempt(request_id="unknown", made=("resp_3",)))
    learning.learner.attempted(attempt(status=500, made=("resp_4",)))
    assert learning.remembered == [
        OriginNotice("resp_1", MINI, "code"),
        OriginNotice("file-2", MINI, "code"),
        OriginNotice("resp_3", MINI, None),
    ]


def test_what_nobody_goes_on_from_is_not_remembered(learning: Learning) -> None:
    learning.learner.decided(decision(kept=False), NOW)
    learning.learner.attempted(attempt(made=("msg_1",)))
    assert learning.remembered == []


def test_what_was_forwarded_says_nothing_of_how_a_model_does_its_work() -> None:
    observed = replace(CONFIG, latencies=ObservedLatency(LatencyMeasure.FIRST_BYTE))
    learning = Learning(observed)
    for _ in range(9):
        learning.learner.attempted(attempt(status=429, forwarded=True))
        learning.learner.attempted(attempt(forwarded=True, made=("file-1",)))
    assert learning.phase() is None
    assert learning.learner.latencies(NOW + 60) == ({}, None)
    assert len(learning.remembered) == 9


def test_tails_are_learned_where_a_route_hedges_by_them() -> None:
    by_tail = Route("code", "d", (MINI, LARGE), hedge=Hedge())
    holding = Route("held", "d", (MINI, LARGE), hold_stream=True)
    config = replace(CONFIG, routes=(by_tail, holding))
    assert Learning().learner.tails(NOW) == {}
    learner = Learning(config).learner
    for number in range(20):
        learner.decided(decision(request_id=f"a{number}", route="code"), NOW)
        learner.decided(decision(request_id=f"b{number}", route="held"), NOW)
        for key, shown in (("a", 0.5), ("b", 90.0), ("c", 90.0)):
            learner.attempted(
                attempt(request_id=f"{key}{number}", streamed=True, shown_after=shown)
            )
    assert learner.tails(NOW + 9) == {MINI: Tail(stream=0.5)}
    heir = Learning(config).learner
    heir.inherit(learner.learned())
    assert heir.tails(NOW + 9) == {MINI: Tail(stream=0.5)}


def test_a_session_stays_with_a_model_that_only_was_slower() -> None:
    learning = Learning()
    both = decision(**OF_A_SESSION, candidates=(Ranked(MINI), Ranked(LARGE)))
    learning.learner.decided(both, NOW)
    learning.learner.attempted(attempt(2, LARGE, hedged=True))
    learning.learner.attempted(attempt(1, MINI, 0, hedged=True, lost=True))
    assert learning.followed == []
    assert learning.phase() is None


@pytest.mark.parametrize("decided_at", range(3))
def test_a_session_leaves_a_model_that_failed_where_attempts_race_too(decided_at: int) -> None:
    """Whenever its worker tells of the decision."""
    learning = Learning()
    both = decision(**OF_A_SESSION, candidates=(Ranked(MINI), Ranked(LARGE)))
    ended = [attempt(1, MINI, 503, hedged=True), attempt(2, LARGE, hedged=True)]
    for each in ended[:decided_at]:
        learning.learner.attempted(each)
    learning.learner.decided(both, NOW)
    for each in ended[decided_at:]:
        learning.learner.attempted(each)
    assert [notice.model for notice in learning.followed] == [LARGE]
