"""What the observer is told of a decision."""

from __future__ import annotations

from extproc.core.clipping import LONGEST
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import DecisionRecord, Ranked, Skipped
from extproc.core.sessions import Sessions
from extproc.dialects.api_paths import api_path
from extproc.dialects.request import parse
from extproc.ranking.snapshot import Snapshot
from extproc.router import Decision
from extproc.worker.decision_records import DecisionRecords

LONG = "x" * (2 * LONGEST)
HEADERS = {"x-request-id": LONG, "x-dragoman-trace-id": LONG, "x-org": "us"}
MODEL = Model("one/a", "one", "a", Endpoint("https", "h", 443, "h"), {Dialect.CHAT: "/chat"})
REQUEST = parse(Dialect.CHAT, b'{"model":"%b","messages":[]}' % LONG.encode())
RECORDS = DecisionRecords("0a1b2c", Sessions(tenant_header="x-org"))
SKIPPED = Skipped("one/a", "limited", "it has had enough")


def made() -> tuple[DecisionRecord, DecisionRecord, DecisionRecord]:
    """A record of each kind, of the same request."""
    return (
        RECORDS.decided(
            REQUEST,
            HEADERS,
            Decision((Ranked(MODEL),), None),
            None,
            snapshot=Snapshot().version,
            decision_only=False,
            seconds=0.5,
            span=None,
            reservations=(),
        ),
        RECORDS.refused(
            REQUEST, HEADERS, decision_only=False, span=None, route="code", skipped=(SKIPPED,)
        ),
        RECORDS.forwarded(
            api_path("/v1/embeddings", anthropic=False),
            LONG,
            HEADERS,
            MODEL,
            streamed=False,
            seconds=0.5,
            span=None,
            reservations=(),
            skipped=(),
        ),
    )


def test_all_say_whose_request_it_was_and_clip_what_clients_word() -> None:
    for record in made():
        assert (record.tenant, record.config) == ("us", "0a1b2c")
        for text in (record.request_id, record.trace_id, record.requested_model):
            assert text is not None
            assert len(text) == LONGEST


def test_where_each_went() -> None:
    decided, refused, forwarded = made()
    assert [one.model for one in decided.candidates] == ["one/a"]
    assert (refused.candidates, refused.skipped, refused.route) == ((), (SKIPPED,), "code")
    assert [one.model for one in forwarded.candidates] == ["one/a"]
    assert forwarded.forwarded == "/v1/embeddings"
    assert decided.forwarded is None
