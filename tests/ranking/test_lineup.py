"""From a route's models to candidates: what leaves, what is ranked, what goes behind."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked, Skipped
from extproc.core.requirements import Ineligible
from extproc.core.routes import Preference, Route
from extproc.core.traits import Traits
from extproc.dialects.request import ClientRequest, parse
from extproc.errors import ClientError
from extproc.ranking.bars import Bar
from extproc.ranking.lineup import Lineup, line_up
from extproc.ranking.ranker import PROBE, Ranker
from extproc.ranking.snapshot import Cooldown, Phase, Snapshot
from tests.helpers.bars import Barring

ENDPOINT = Endpoint("https", "h", 443, "h")
CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
NO_BOTH = Traits(tool_reasoning=False)


def model(name: str, *dialects: Dialect, traits: Traits | None = None) -> Model:
    paths = {dialect: f"/{dialect}" for dialect in dialects}
    return Model(name, "p", name, ENDPOINT, paths, traits=traits or Traits())


SPEAKER = model("speaker", CHAT)
OTHER = model("other", CHAT)
FOREIGN = model("foreign", MESSAGES)
REFUSING = model("refusing", CHAT, traits=NO_BOTH)
BLIND = model("blind", CHAT, traits=Traits(context_window=1))
ROUTE = Route("r", "d", ())
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def chat(**more: Any) -> ClientRequest:
    body = {"messages": [{"role": "user", "content": "hi"}]} | more
    return parse(CHAT, json.dumps(body).encode())


TWO_ANSWERS = chat(n=2)
"""Messages has only one."""


def thinking(**more: Any) -> ClientRequest:
    body = {
        "max_tokens": 9000,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    }
    return parse(MESSAGES, json.dumps(body | more).encode())


def lined_up(
    request: ClientRequest,
    *pool: Model,
    pinned: Model | None = None,
    snapshot: Snapshot | None = None,
    prefer: Preference = Preference.NONE,
    ranker: Ranker | None = None,
) -> Lineup:
    return line_up(
        request,
        pool,
        replace(ROUTE, prefer=prefer),
        ranker or Ranker(random.Random(7), exploration=1.0),
        snapshot or Snapshot(),
        pinned=pinned,
    )


def names(lineup: Lineup) -> list[str]:
    return [each.model.name for each in lineup.ranked]


def test_what_cannot_be_translated_leaves_and_says_why() -> None:
    lineup = lined_up(TWO_ANSWERS, FOREIGN, SPEAKER)
    assert lineup.ranked == (Ranked(SPEAKER),)
    (skipped,) = lineup.skipped
    assert (skipped.model, skipped.code) == ("foreign", "skipped:n")
    assert skipped.reason.startswith("n: ")


def test_perhaps_none_is_left() -> None:
    lineup = lined_up(TWO_ANSWERS, FOREIGN)
    assert lineup.ranked == ()
    assert [each.model for each in lineup.skipped] == ["foreign"]


PROBING = Cooldown(Phase.PROBING, "failures", until=0.0, probe=1)


def test_what_is_skipped_is_not_probed() -> None:
    ranker = Ranker(random.Random(7))
    snapshot = Snapshot(cooldowns={"foreign": PROBING})
    pool = (FOREIGN, SPEAKER, OTHER)
    skipping = lined_up(TWO_ANSWERS, *pool, snapshot=snapshot, ranker=ranker)
    assert skipping.ranked == (Ranked(SPEAKER), Ranked(OTHER))
    lineup = lined_up(chat(), *pool, snapshot=snapshot, ranker=ranker)
    assert lineup.ranked[0] == Ranked(FOREIGN, cooldown=PROBE), "the probe is still to be sent"


def test_what_is_skipped_is_not_explored() -> None:
    snapshot = Snapshot(latencies={"speaker": 0.5}, latencies_at=9.0)
    pool = (SPEAKER, FOREIGN)
    explored = lined_up(chat(), *pool, snapshot=snapshot, prefer=Preference.FASTEST)
    assert explored.ranked[0] == Ranked(FOREIGN, explored=True)
    lineup = lined_up(TWO_ANSWERS, *pool, snapshot=snapshot, prefer=Preference.FASTEST)
    assert lineup.ranked == (Ranked(SPEAKER, 0.5, 9.0),)


def test_whose_translation_loses_what_another_carries_goes_behind() -> None:
    lineup = lined_up(thinking(), REFUSING, FOREIGN, SPEAKER)
    assert lineup.ranked == (
        Ranked(FOREIGN),
        Ranked(SPEAKER),
        Ranked(REFUSING, reluctant="dropped:effort"),
    )
    assert lineup.skipped == ()


def test_where_all_translations_lose_it_none_goes_behind() -> None:
    twin = replace(REFUSING, name="twin")
    assert lined_up(thinking(), REFUSING, twin).ranked == (Ranked(REFUSING), Ranked(twin))


def test_what_goes_behind_is_no_probe() -> None:
    ranker = Ranker(random.Random(7))
    snapshot = Snapshot(cooldowns={"refusing": PROBING})
    lineup = lined_up(thinking(), REFUSING, FOREIGN, snapshot=snapshot, ranker=ranker)
    assert lineup.ranked == (
        Ranked(FOREIGN),
        Ranked(REFUSING, cooldown="failures", reluctant="dropped:effort"),
    )
    alone = replace(REFUSING, name="twin")
    unhindered = lined_up(thinking(), REFUSING, alone, snapshot=snapshot, ranker=ranker)
    assert unhindered.ranked[0] == Ranked(REFUSING, cooldown=PROBE)


def test_those_that_a_limit_speaks_against_are_last() -> None:
    lineup = lined_up(thinking(), BLIND, REFUSING, FOREIGN)
    assert lineup.ranked == (
        Ranked(FOREIGN),
        Ranked(REFUSING, reluctant="dropped:effort"),
        Ranked(BLIND, ineligible=Ineligible.CONTEXT_WINDOW),
    )


@pytest.mark.parametrize("dialects", [(CHAT,), (CHAT, RESPONSES)])
def test_one_that_speaks_chat_goes_behind_for_the_same_reason_once(
    dialects: tuple[Dialect, ...],
) -> None:
    refusing = model("refusing", *dialects, traits=NO_BOTH)
    asked = chat(tools=[TOOL], reasoning_effort="high")
    assert lined_up(asked, refusing, SPEAKER).ranked == (
        Ranked(SPEAKER),
        Ranked(refusing, ineligible=Ineligible.TOOL_REASONING),
    )


def test_where_a_translation_leads_elsewhere_nothing_is_refused() -> None:
    both = model("both", CHAT, RESPONSES, traits=NO_BOTH)
    assert lined_up(thinking(), both, SPEAKER).ranked == (Ranked(both), Ranked(SPEAKER))


def test_a_sessions_model_goes_first_from_wherever_it_is() -> None:
    assert names(lined_up(chat(), SPEAKER, OTHER, pinned=OTHER)) == ["other", "speaker"]
    assert names(lined_up(chat(), SPEAKER, pinned=OTHER)) == ["other", "speaker"]


@pytest.mark.parametrize("pool", [(SPEAKER, FOREIGN), (SPEAKER,)])
def test_a_sessions_model_that_cannot_be_reached_is_skipped(pool: tuple[Model, ...]) -> None:
    lineup = lined_up(TWO_ANSWERS, *pool, pinned=FOREIGN)
    assert lineup.ranked == (Ranked(SPEAKER),)
    assert [each.model for each in lineup.skipped] == ["foreign"]


MALFORMED = chat(tools="none")


def test_a_request_that_cannot_be_read_goes_to_those_who_can_judge_it() -> None:
    lineup = lined_up(MALFORMED, FOREIGN, SPEAKER)
    assert names(lineup) == ["speaker"]
    assert lineup.skipped == (Skipped("foreign", "malformed", lineup.skipped[0].reason),)
    with pytest.raises(ClientError) as raised:
        lined_up(MALFORMED, FOREIGN)
    assert raised.value.message == lineup.skipped[0].reason


def barred(*pool: Model, bars: Sequence[Bar], pinned: Model | None = None, **more: Any) -> Lineup:
    ranker = Ranker(random.Random(7), exploration=1.0)
    route = replace(ROUTE, **more)
    return line_up(chat(), pool, route, ranker, Snapshot(), pinned=pinned, bars=bars)


def test_what_may_not_be_tried_leaves_before_it_is_ranked() -> None:
    lineup = barred(OTHER, SPEAKER, bars=[Barring("other")], prefer=Preference.FASTEST)
    assert lineup.ranked == (Ranked(SPEAKER, explored=True),)
    assert lineup.skipped == (Skipped("other", "limited", "it has had enough"),)
    assert list(lineup.objections) == ["other"]


def test_a_sessions_model_that_may_not_be_tried_is_passed_over() -> None:
    lineup = barred(SPEAKER, bars=[Barring("other")], pinned=OTHER)
    assert (names(lineup), list(lineup.objections)) == (["speaker"], ["other"])


def test_what_may_not_be_tried_need_not_be_reached() -> None:
    lineup = line_up(
        MALFORMED,
        (FOREIGN,),
        ROUTE,
        Ranker(random.Random(7)),
        Snapshot(),
        bars=[Barring("foreign")],
    )
    assert (lineup.ranked, [one.code for one in lineup.skipped]) == ((), ["limited"])
