"""A plan as a header."""

from __future__ import annotations

import pytest

from extproc.core.models import Dialect
from extproc.worker.exchange import ProtocolError
from extproc.worker.plan import InvalidPlanError, Plan, decode, encode


@pytest.mark.parametrize(
    "plan",
    [
        Plan(Dialect.CHAT, ("a/b",), streamed=False, model_start=0, model_end=0),
        Plan(Dialect.MESSAGES, ("a", "b", "c"), streamed=True, model_start=9, model_end=2**40),
        Plan(Dialect.RESPONSES, ("日本/モデル", "é", "😀"), False, 1, 2, "q=é&r=%20"),
        Plan(Dialect.CHAT, ('"', "\\", "a,b", "[", "\r\nx: y", "\x00", " "), False, 1, 2, '"]'),
        Plan(Dialect.CHAT, ("\x7f", "false", "1", "null"), True, 1, 2, "null"),
        Plan(Dialect.CHAT, ("a", "b"), True, 1, 2, adapted=(0, 2), shadow="c"),
        Plan(Dialect.MESSAGES, ("a", "b"), True, 1, 2, marked=True),
    ],
)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    value = encode(plan)
    assert decode(value) == plan
    assert value.isascii()
    assert value.isprintable()
    assert value == value.strip()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "chat",
        "null",
        "7",
        "[]",
        '"chat"',
        '{"dialect": "chat"}',
        '["chat"]',
        '["chat",false,1,2]',
        '["chat",false,1,2,""]',
        '["klingon",false,1,2,"","m"]',
        '[7,false,1,2,"","m"]',
        '["chat",false,"one",2,"","m"]',
        '["chat",false,1,null,"","m"]',
        '["chat",false,1,[],"","m"]',
        '["chat",true,Infinity,1,"","m"]',
        '["chat",true,NaN,1,"","m"]',
        '{"chat":0,"b":0,"1":0,"2":0,"q":0,"m":0}',
        '["chat",false,1,2,"","m"',
        '["chat",false,1,2,"","m"]]',
        pytest.param("[" * 100_000, id="nested deeply"),
    ],
)
def test_what_is_no_plan(value: str) -> None:
    with pytest.raises(InvalidPlanError, match="not a plan") as raised:
        decode(value)
    assert isinstance(raised.value, ProtocolError)


def test_a_damaged_plan_never_reads_as_another_error() -> None:
    value = encode(Plan(Dialect.CHAT, ("a/b", "c/d"), streamed=True, model_start=10, model_end=15))
    for end in range(len(value)):
        with pytest.raises(InvalidPlanError):
            decode(value[:end])
