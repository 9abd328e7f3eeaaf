"""What the three dialects share: names and ids, losses, efforts, sources, failures, counts."""

from __future__ import annotations

import re

import orjson
import pytest

from extproc.core.models import Dialect
from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.common.counts import MOST, count, latest
from extproc.dialects.translation.common.efforts import asked_effort, nearest_effort, reasons
from extproc.dialects.translation.common.failures import (
    no_answer,
    openai_error,
    read_error,
    told_failure,
)
from extproc.dialects.translation.common.finding_losses import Losses, dropped, place, skipped
from extproc.dialects.translation.common.identifiers import (
    Names,
    limited,
    shortened,
    spelled,
    token,
)
from extproc.dialects.translation.common.json_text import json_bytes, json_string, object_text
from extproc.dialects.translation.common.sources import as_text, located
from extproc.dialects.translation.form import (
    Failure,
    ReasoningSettings,
    Request,
    Source,
    Usage,
)
from extproc.dialects.translation.losses import Loss, Severity
from extproc.errors import ClientError


def test_names_that_fit_stay() -> None:
    names = Names(10)
    assert names.fit("look_1-a") == "look_1-a"
    assert names.changed == {}


@pytest.mark.parametrize("name", ["", "two words", "x" * 11, "ü", "\ud800"])
def test_other_names_become_fit_and_stay_apart(name: str) -> None:
    names = Names(10)
    fitting = names.fit(name)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,10}", fitting)
    assert names.fit(name) == fitting
    assert names.changed == {fitting: name}
    assert names.fit(f"{name}!") != fitting


def test_ids_are_cleaned_or_shortened() -> None:
    assert re.fullmatch(r"a_b_[0-9a-f]{8}", spelled("a|b"))
    assert spelled("a-b") == "a-b"
    assert shortened("abc", 3) == "abc"
    assert len(shortened("x" * 50, 20)) == 20
    assert (limited("abc", 3), len(limited("x" * 99, 64))) == ("abc", 64)


def test_tokens_are_safe_in_a_header() -> None:
    assert token("a b\r\nc: ü") == "abc"
    assert token("ü") == "member"
    assert len(token("x" * 99)) == 40


def test_of_each_code_the_first_loss_is_told_and_not_all_codes() -> None:
    losses = Losses((dropped("a", "p0"),))
    losses.put(dropped("a", "p1"))
    losses.add("clamped:b", "p2", "because")
    assert [loss.path for loss in losses.told()] == ["p0", "p2"]
    for number in range(500):
        losses.put(dropped(f"n{number}", "p"))
    assert len(losses.told()) == 65
    assert losses.told()[-1].code == "dropped:more"
    assert skipped("a b", "p", "r") == Loss("skipped:ab", "p", Severity.SKIP, "r")


def test_places() -> None:
    def asked(dialect: Dialect, **paths: str) -> Request:
        return Request(dialect, "m", (), paths=paths)

    assert place(asked(Dialect.MESSAGES), "stop") == "stop_sequences"
    assert place(asked(Dialect.RESPONSES), "max_tokens") == "max_output_tokens"
    assert place(asked(Dialect.CHAT, max_tokens="max_completion_tokens"), "max_tokens") == (
        "max_completion_tokens"
    )
    assert place(asked(Dialect.CHAT), "any thing") == "anything"


def test_efforts() -> None:
    assert nearest_effort("xhigh", ("low", "high")) == "high"
    assert nearest_effort("medium", ("low", "high")) == "low"
    assert nearest_effort("strange", ("low",)) == "strange"
    assert nearest_effort("low", None) == "low"
    assert asked_effort(ReasoningSettings(budget=4096)) == "low"
    assert asked_effort(ReasoningSettings(budget=99_999)) == "high"
    assert asked_effort(ReasoningSettings(effort="high", enabled=False)) == "none"
    assert asked_effort(ReasoningSettings(adaptive=True)) is None
    assert reasons(Traits())
    assert not reasons(Traits(thinking=Thinking.NONE))
    assert not reasons(Traits(efforts=()))


def test_sources() -> None:
    assert located("https://h/a", "p") == Source(url="https://h/a")
    assert located("DATA:image/jpg;base64,QUI=", "p") == Source(
        data="QUI=", media_type="image/jpeg"
    )
    assert located("data:text/plain,a%20b", "p") == Source(data="YSBi", media_type="text/plain")
    assert as_text(Source(data="YSBi", media_type="text/plain")) == Source(text="a b")
    broken = Source(data="!", media_type="text/plain")
    assert as_text(broken) is broken
    with pytest.raises(ClientError, match="'p' must be a data URI"):
        located("data:image/png;base64", "p")


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b'{"error":{"message":"m","type":"t","code":7}}', Failure("m", 500, "t", "7")),
        (b'[{"error":{"message":"m"}}]', Failure("m", 500)),
        (b'{"error":"m"}', Failure("m", 500)),
        (b'{"detail":"m"}', Failure("m", 500)),
        (b'{"error":{"type":"t"}}', Failure("t", 500, "t")),
        (b"<p>\n no", Failure("The provider answered with status 500: <p> no", 500)),
        (b"", Failure("The provider answered with status 500 and no body.", 500)),
    ],
)
def test_errors_of_many_shapes(body: bytes, failure: Failure) -> None:
    assert read_error(500, body) == failure


def test_what_is_no_answer_is_quoted_within_bounds() -> None:
    assert len(no_answer(b"x" * 9999).message) == 200
    assert no_answer(b"").message == "The provider's answer is empty."
    assert len(read_error(502, b"\xff" * 9999).message) == 200
    assert told_failure({"error": {}}, None) is None
    assert len(told_failure({"error": "x" * 9999}, None).message) == 4096  # type: ignore[union-attr]


def test_anthropics_words_in_openais() -> None:
    told = openai_error(Failure("m", 529, "overloaded_error"))["error"]
    assert (told["type"], told["code"]) == ("server_error", "overloaded_error")
    assert openai_error(Failure("m", 429))["error"]["type"] == "rate_limit_error"


def test_counts() -> None:
    assert [count(value) for value in (0, 5, -1, True, 1.0, "1", None, MOST + 1)] == [
        *(0, 5),
        *[None] * 6,
    ]
    assert latest(Usage(input=1), Usage(input=9, output=2)) == Usage(input=1, output=2)


def test_json_of_any_text() -> None:
    assert json_string("a\ud800") == b'"a?"'
    assert json_bytes({"a\ud800": ["\ud800", 1]}) == b'{"a?":["?",1]}'
    assert (object_text([]), object_text({"a": 1})) == ("{}", '{"a":1}')
    deep = orjson.loads(b'{"a":' * 500 + b"1" + b"}" * 500)
    assert object_text(deep) == "{}"
    with pytest.raises(TypeError):
        json_bytes(deep)
