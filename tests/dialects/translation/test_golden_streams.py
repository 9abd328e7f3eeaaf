"""Golden streams of all pairs: a provider's bytes in, a client's bytes out, wherever they are cut.

``golden/<provider>.sse`` is what a provider sends, ``golden/<provider>-to-<client>.sse`` what the
client gets. The same answer in each dialect: thoughts, words beyond ASCII, two parallel calls.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.dialects.translation.pairs import PAIRS, C, M, R, stream, whole

WORDS = "I look \u2013 世界."
GOLDEN = Path(__file__).parent / "golden"


def provided(provider: Any) -> bytes:
    return (GOLDEN / f"{provider}.sse").read_bytes()


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_bytes_out(client: Any, provider: Any) -> None:
    wanted = (GOLDEN / f"{provider}-to-{client}.sse").read_bytes()
    assert stream(provider, client, provided(provider)) == wanted


@pytest.mark.unmeasured  # the same lines at every byte
@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_wherever_the_bytes_are_cut(client: Any, provider: Any) -> None:
    data = provided(provider)
    wanted = stream(provider, client, data)
    for cut in range(len(data)):
        assert stream(provider, client, data, cuts=(cut,)) == wanted
    assert stream(provider, client, data, cuts=range(1, len(data))) == wanted


def heard(client: Any, provider: Any) -> tuple[str, str, list[Any]]:
    """What a client's SDK makes of it: thoughts, words, calls."""
    told = whole(client, stream(provider, client, provided(provider)))
    if client is C:
        message = told["choices"][0]["message"]
        calls = [call["function"]["arguments"] for call in message["tool_calls"]]
        return message["reasoning_content"], message["content"], [*map(orjson.loads, calls)]
    if client is M:
        thought, words, *used = told["content"]
        return thought["thinking"], words["text"], [block["input"] for block in used]
    reasoned, said, *called = told["output"]
    calls = [item["arguments"] for item in called]
    words = said["content"][0]["text"]
    return reasoned["summary"][0]["text"], words, [*map(orjson.loads, calls)]


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_every_sdk_hears_the_same_answer(client: Any, provider: Any) -> None:
    cities = [{"city": "Bern"}, {"city": "Rom"}]
    assert heard(client, provider) == ("Zwei Städte, 2 calls.", WORDS, cities)


def test_there_is_a_file_for_every_pair() -> None:
    pairs = {f"{provider}-to-{client}" for client, provider in PAIRS}
    assert {path.stem for path in GOLDEN.iterdir()} == pairs | {str(one) for one in (C, M, R)}
