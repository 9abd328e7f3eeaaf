"""Requests that are remembered, by their ids, their traces and their changes."""

from __future__ import annotations

from itertools import count

from extproc.telemetry.drafts import Draft
from extproc.telemetry.kept import Kept
from tests.helpers.telemetry_events import decision

OTHER = "0" * 31 + "1"


def draft(request_id: str, **changed: str) -> Draft:
    return Draft(decision(request_id, **changed), since=0.0)


def kept(*drafts: Draft) -> Kept:
    made = Kept(count(1).__next__)
    for each in drafts:
        made.put(each)
    return made


def ids(found: object) -> list[str]:
    assert isinstance(found, list)
    return [each.decision.request_id for each in found]


def test_they_are_found_by_their_ids_and_their_traces() -> None:
    one, two, elsewhere = draft("one"), draft("two"), draft("three", trace_id=OTHER)
    found = kept(one, two, elsewhere)
    assert (found.get("two"), found.get("four"), "one" in found, len(found)) == (two, None, True, 3)
    assert found.of_trace(one.decision.trace_id) == [two, one]
    assert found.of_trace(OTHER) == [elsewhere]
    assert ids([*found.oldest_first()]) == ["one", "two", "three"]
    assert ids([*found.newest_first()]) == ["three", "two", "one"]


def test_what_has_changed_comes_first() -> None:
    found = kept(draft("one"), draft("two"), draft("three"))
    found.changed("one")
    changes = [(at, each.decision.request_id) for at, each in found.changed_since(1)]
    assert changes == [(4, "one"), (3, "three"), (2, "two")]
    assert list(found.changed_since(4)) == []


def test_one_that_is_put_again_is_the_newest() -> None:
    again = draft("one")
    found = kept(draft("one"), draft("two"), again)
    assert ids([*found.newest_first()]) == ["one", "two"]
    assert found.get("one") is again


def test_of_what_is_forgotten_nothing_stays() -> None:
    found = kept(draft("one"), draft("two", trace_id=OTHER))
    found.forget("two")
    found.forget("two")
    assert (len(found), found.of_trace(OTHER), found.get("two")) == (1, [], None)
    assert OTHER not in found._traces
    assert [at for at, _ in found.changed_since(0)] == [1]
    found.clear()
    assert (len(found), list(found.changed_since(0)), found._traces) == (0, [], {})
