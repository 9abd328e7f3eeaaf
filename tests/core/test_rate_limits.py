"""What a limit covers, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.contract import CLIENT
from extproc.core.rate_limit_words import headers_of, refusing_headers
from extproc.core.rate_limits import ABSENT, Counted, Per, RateLimit
from extproc.core.windows import Window


def limit(**more: Any) -> RateLimit:
    told: dict[str, Any] = {
        "name": "a",
        "counts": Counted.REQUESTS,
        "most": 1500,
        "window": Window.DAY,
    }
    return RateLimit(**{**told, **more})


@pytest.mark.parametrize(
    ("names", "covered"),
    [
        (("openai/gpt-4o",), {"openai/gpt-4o"}),
        (("openai/*",), {"openai/gpt-4o", "openai/gpt-4o-mini"}),
        (("openai/gpt-4o*",), {"openai/gpt-4o", "openai/gpt-4o-mini"}),
        (("*",), {"openai/gpt-4o", "openai/gpt-4o-mini", "xai/grok"}),
        ((), set()),
    ],
)
def test_models_are_covered_by_name_or_by_the_beginning_of_it(
    names: tuple[str, ...], covered: set[str]
) -> None:
    found = limit(models=names)
    assert found.is_of_models is bool(names)
    asked = ("openai/gpt-4o", "openai/gpt-4o-mini", "xai/grok")
    assert {model for model in asked if found.covers(model)} == covered


def test_routes_are_covered_by_name() -> None:
    assert limit().covers_route(None)
    assert limit(routes=("code",)).covers_route("code")
    assert not limit(routes=("code",)).covers_route(None)


@pytest.mark.parametrize(
    ("per", "headers", "bucket"),
    [
        (None, {}, ""),
        (Per("x-team"), {"x-team": "red"}, "red"),
        (Per("x-team"), {}, ABSENT),
        (Per("x-team", absent_too=False), {}, None),
        (Per("x-team", "red", absent_too=False), {"x-team": "red"}, "red"),
        (Per("x-team", "red", absent_too=False), {"x-team": "blue"}, None),
        (Per("x-team", "für", absent_too=False), {"x-team": "f\xc3\xbcr"}, "f\xc3\xbcr"),
    ],
)
def test_whose_limit_a_request_counts_against(
    per: Per | None, headers: dict[str, str], bucket: str | None
) -> None:
    assert limit(per=per).bucket(headers) == bucket


def test_a_counter_does_not_tell_whose_it_is() -> None:
    found = limit(per=Per("x-team"))
    assert found.counter("") == "limit:a"
    assert "red" not in found.counter("red")
    assert found.counter("red") != found.counter("blue")
    assert len(found.counter("x" * 100_000)) < 60


def test_a_limit_in_words() -> None:
    assert limit().in_words == "'a' (1,500 requests a day)"
    assert limit(most=1).in_words == "'a' (1 request a day)"
    tokens = limit(counts=Counted.TOTAL_TOKENS, per=Per(CLIENT))
    assert tokens.in_words == "'a' (1,500 total tokens a day for each key)"
    assert limit(per=Per("x-team")).in_words.endswith("a day for each x-team)")


def test_a_limit_in_headers() -> None:
    standing = headers_of(limit(), 3, 60)
    assert standing == {
        "x-ratelimit-limit": "1500",
        "x-ratelimit-remaining": "3",
        "x-ratelimit-reset": "60",
    }
    refusing = refusing_headers(limit(name="für alle"), 60)
    assert refusing["x-dragoman-limit"] == "f%C3%BCr alle"
    assert (refusing["retry-after"], refusing["x-ratelimit-remaining"]) == ("60", "0")
