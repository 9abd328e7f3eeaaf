"""Which models may be tried, and what a client is told if none may."""

from __future__ import annotations

from dataclasses import dataclass

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked, Skipped
from extproc.core.requirements import Requirements
from extproc.ranking.bars import Objection, allowed, in_turn, refusal
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Snapshot
from tests.helpers.bars import Barring

PATHS = {Dialect.CHAT: "/chat"}
A, B, C = (
    Model(name, "p", name, Endpoint("https", "h", 443, "h"), PATHS) for name in ("a", "b", "c")
)
EXPECTED = Expectation(None, Snapshot(), lambda: Requirements(input_tokens=0))
SPENT = Objection("budget", "the budget is used up", 429, 3600)
DEAR = Objection("max_cost", "it costs too much", 400)


@dataclass
class OneAtMost:
    """Lets nothing be tried behind two others."""

    def against(self, _: Model, expectation: Expectation) -> Objection | None:
        return DEAR if len(expectation.ahead) > 1 else None


def test_without_bars_all_are_allowed() -> None:
    standing = allowed((A, B), (), EXPECTED)
    assert (standing.models, standing.objections, standing.skipped) == ((A, B), {}, ())
    assert in_turn((Ranked(A), Ranked(B)), (), EXPECTED) == ((Ranked(A), Ranked(B)), ())


def test_the_first_bar_that_objects_is_told() -> None:
    bars = (Barring("b"), Barring("b", "c", objection=SPENT))
    standing = allowed((A, B, C), bars, EXPECTED)
    assert standing.models == (A,)
    assert standing.skipped == (
        Skipped("b", "limited", "it has had enough"),
        Skipped("c", "budget", "the budget is used up"),
    )
    assert standing.objections["c"] is SPENT


def test_a_model_may_be_barred_by_those_ahead_of_it() -> None:
    ranked = (Ranked(A), Ranked(B), Ranked(C))
    assert allowed((A, B, C), (OneAtMost(),), EXPECTED).models == (A, B, C)
    assert in_turn(ranked, (OneAtMost(),), EXPECTED) == (
        (Ranked(A), Ranked(B)),
        (Skipped("c", "max_cost", "it costs too much"),),
    )


def test_what_is_barred_in_turn_is_ahead_of_nobody() -> None:
    bars = (OneAtMost(), Barring("b"))
    kept, skipped = in_turn((Ranked(A), Ranked(B), Ranked(C)), bars, EXPECTED)
    assert ([one.model for one in kept], [one.model for one in skipped]) == ([A, C], ["b"])


def test_a_refusal_tells_when_to_come_back_at_the_soonest() -> None:
    soon = Objection(
        "limited", "100 requests", 429, 30, "rate_limit_exceeded", headers={"x-limit": "100"}
    )
    skipped = (DEAR.skips(A), SPENT.skips(B), soon.skips(C))
    error = refusal((DEAR, SPENT, soon), skipped)
    assert (error.status, error.code, error.retry_after) == (429, "rate_limit_exceeded", 30)
    assert error.headers == {"x-limit": "100"}
    assert error.message == (
        "No model may be tried for this request. a: it costs too much; b: the budget is used up; "
        "c: 100 requests."
    )


def test_a_refusal_that_no_time_changes() -> None:
    error = refusal((DEAR,), (DEAR.skips(A),))
    assert (error.status, error.code, error.retry_after) == (400, "max_cost", None)
