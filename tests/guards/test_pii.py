from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
import pytest

from extproc.core.aside import Aside
from extproc.core.guards import Findings
from extproc.core.models import Dialect
from extproc.core.pii import QUIET_KINDS, PiiAction, PiiKind, PiiRules
from extproc.errors import ClientError
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    GuardError,
    Passed,
    Released,
    Replaced,
    TextKind,
)
from extproc.guards.pii import PiiGuard

JANE, CARD = "jane@example.com", "4111 1111 1111 1111"
MASK: Mapping[PiiKind, PiiAction] = dict.fromkeys(QUIET_KINDS, PiiAction.MASK)


def request(text: str, dialect: Dialect = Dialect.CHAT) -> GuardedRequest:
    body = orjson.dumps({"messages": [{"role": "user", "content": text}]})
    return GuardedRequest("/v1/x", dialect, body, {}, "r-1", Aside())


async def answer_to(text: str, dialect: Dialect = Dialect.CHAT) -> AnswerGuard:
    verdict = await PiiGuard(PiiRules(MASK)).look(request(text, dialect))
    assert isinstance(verdict, Replaced)
    assert verdict.answer is not None
    return verdict.answer


async def test_a_request_is_masked_and_only_counts_are_told() -> None:
    verdict = await PiiGuard(PiiRules(MASK)).look(request(f"{JANE} {CARD} {JANE}"))

    assert isinstance(verdict, Replaced)
    assert b"<EMAIL_1> <CARD_1> <EMAIL_1>" in verdict.body
    assert verdict.findings == Findings({"email": 2, "card": 1})


async def test_what_goes_on_from_a_kept_answer_has_placeholders_of_its_own() -> None:
    body = orjson.dumps({"input": JANE, "previous_response_id": "resp_1"})
    first = GuardedRequest("/v1/responses", Dialect.RESPONSES, body, {}, "r-1", Aside())

    verdict = await PiiGuard(PiiRules(MASK)).look(first)

    assert isinstance(verdict, Replaced)
    assert b"<EMAIL_1>" not in verdict.body
    assert b"<EMAIL_" in verdict.body


async def test_nothing_is_left_for_the_answer_where_nothing_is_masked() -> None:
    assert await PiiGuard(PiiRules(MASK)).look(request("hello")) == Passed()

    verdict = await PiiGuard(PiiRules({PiiKind.EMAIL: PiiAction.REDACT})).look(request(JANE))

    assert isinstance(verdict, Replaced)
    assert verdict.answer is None


async def test_a_large_request_is_masked() -> None:
    verdict = await PiiGuard(PiiRules(MASK)).look(request("word " * 300_000 + JANE))

    assert isinstance(verdict, Replaced)
    assert b"word <EMAIL_1>" in verdict.body


async def test_what_is_blocked_is_named_by_its_kind_alone() -> None:
    rules = PiiRules({PiiKind.CARD: PiiAction.BLOCK, PiiKind.EMAIL: PiiAction.MASK})

    verdict = await PiiGuard(rules).look(request(f"{JANE} {CARD}"))

    assert verdict == Blocked(
        "The request holds a payment card's number, which must not be sent from here.",
        code="personal_data",
        findings=Findings({"email": 1, "card": 1}),
    )


@pytest.mark.parametrize(
    "body",
    [
        '{"messages":[{"content":"%s"}],"messages":[{"content":"x"}]}',
        r'{"m\u0065ssages":[{"content":"%s"}]}',
    ],
)
async def test_what_cannot_be_changed_with_certainty_is_the_clients_mistake(body: str) -> None:
    """Were it the guard's failure, a guard that may fail could be passed by."""
    twice = GuardedRequest("/v1/x", Dialect.CHAT, (body % JANE).encode(), {}, "r-1", Aside())

    with pytest.raises(ClientError, match=r"'messages' (stands more than|must be spelled)") as told:
        await PiiGuard(PiiRules(MASK)).look(twice)
    assert told.value.status == 400


async def test_what_is_no_json_cannot_be_looked_at() -> None:
    broken = GuardedRequest("/v1/x", Dialect.CHAT, b"{", {}, "r-1", Aside())

    with pytest.raises(GuardError, match="cannot be read"):
        await PiiGuard(PiiRules(MASK)).look(broken)


async def test_a_stream_gets_the_values_back() -> None:
    guard = await answer_to(JANE)

    assert await guard.text(TextKind.TEXT, "to <EMA", ended=False) == Released("to ", "<EMA")
    assert await guard.text(TextKind.TEXT, "<EMAIL_1>!", ended=False) == Released(f"{JANE}!")
    assert await guard.text(TextKind.TEXT, "a <EMA", ended=True) == Released("a <EMA")


async def test_arguments_of_calls_stay_json() -> None:
    guard = await answer_to("postgres://app:p4ss\\w@db")

    released = await guard.text(TextKind.ARGUMENTS, '{"dsn":"<SECRET_1>"}', ended=True)

    assert isinstance(released, Released)
    assert orjson.loads(released.text) == {"dsn": "p4ss\\w"}


@pytest.mark.parametrize(
    ("dialect", "seen"),
    [(Dialect.CHAT, JANE), (Dialect.RESPONSES, JANE), (Dialect.MESSAGES, "<EMAIL_1>")],
)
async def test_thoughts_that_are_signed_stay_as_they_are(dialect: Dialect, seen: str) -> None:
    guard = await answer_to(JANE, dialect)

    assert await guard.text(TextKind.REASONING, "<EMAIL_1>", ended=True) == Released(seen)


@pytest.mark.parametrize("padding", [0, 300_000])
async def test_a_whole_answer_gets_the_values_back(padding: int) -> None:
    guard = await answer_to(JANE)
    body = orjson.dumps({"a": "<EMAIL_1>", "b": "x" * padding})

    assert await guard.whole(body) == Replaced(body.replace(b"<EMAIL_1>", JANE.encode()))


@pytest.mark.parametrize("size", [400_000, 1_500_000])
async def test_what_takes_long_holds_up_nobody_and_ends_with_its_deadline(size: int) -> None:
    """Below and above the size from which a body is read in pieces."""
    guard = PiiGuard(PiiRules({PiiKind.IP: PiiAction.MASK}), deadline=0.2)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    waiting = asyncio.create_task(others())
    with pytest.raises(TimeoutError):
        await guard.look(request("8.8.8.8 " * (size // 8)))
    waiting.cancel()

    assert turns > 3


async def test_a_short_body_that_takes_long_holds_up_nobody_either() -> None:
    parts = [{"type": "text", "text": f"phone: {1234567 + n}"} for n in range(150)]
    body = orjson.dumps({"messages": [{"role": "user", "content": parts}]})
    shown = GuardedRequest("/v1/x", Dialect.CHAT, body, {}, "r-1", Aside())
    looking = asyncio.create_task(PiiGuard(PiiRules(MASK)).look(shown))
    turns = 0
    while not looking.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 10
    assert len(body) < 8_000


async def test_a_short_body_waits_for_no_long_one() -> None:
    guard = PiiGuard(PiiRules(MASK))
    parts = [{"type": "text", "text": f"phone: {1234567 + n}"} for n in range(1000)]
    body = orjson.dumps({"messages": [{"role": "user", "content": parts}]})
    long = GuardedRequest("/v1/x", Dialect.CHAT, body, {}, "r-1", Aside())
    looking = asyncio.create_task(guard.look(long))
    await asyncio.sleep(0)

    await guard.look(request("a quick brown fox " * 300))

    assert not looking.done()
    await looking
