from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extproc.core.pii import QUIET_KINDS, PiiAction, PiiKind
from extproc.pii.masking import masked
from extproc.pii.unmasking import Unmasking, unmasked_body

VALUES = {
    "<EMAIL_1>": "jane@example.com",
    "<EMAIL_12>": "joe@example.com",
    "<SECRET_1>": 'a"\\\nb<',
}
UNMASKING = Unmasking(VALUES)

PIECES = st.sampled_from(
    (*VALUES, "<", "<EMAIL", "<EMAIL_3>", "EMAIL_1>", " and ", "<b>", "\\u003cEMAIL_1\\u003e", "1>")
)


def in_pieces(text: str, cuts: list[int]) -> str:
    """What a client gets of a text that comes in pieces."""
    got, kept = "", ""
    bounds = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for begin, end in pairwise(bounds):
        whole, kept = UNMASKING.cut(kept + text[begin:end])
        got += UNMASKING.text(whole)
    return got + UNMASKING.text(kept)


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(st.integers(0, 99), max_size=12))
def test_however_a_text_is_cut_the_client_gets_the_same(text: str, cuts: list[int]) -> None:
    assert in_pieces(text, cuts) == UNMASKING.text(text)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_no_more_is_kept_than_can_be_a_placeholder(text: str) -> None:
    whole, kept = UNMASKING.cut(text)

    assert whole + kept == text
    assert kept == "" or any(name.startswith(kept) or kept.startswith("\\") for name in VALUES)


def test_values_are_escaped_where_they_are_in_json() -> None:
    arguments = UNMASKING.json_text('{"key": "<SECRET_1>", "to": "\\u003cEMAIL_12\\u003E"}')

    assert orjson.loads(arguments) == {"key": VALUES["<SECRET_1>"], "to": "joe@example.com"}


def test_what_is_no_placeholder_of_the_request_stays() -> None:
    for text in ("<EMAIL_2> <PHONE_1> <email_1> EMAIL_1 <EMAIL_01>", "\\u003cEMAIL_2\\u003e"):
        assert UNMASKING.text(text) == UNMASKING.json_text(text) == text


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [{"message": {"content": "<EMAIL_1>"}}]},
        {"content": [{"type": "tool_use", "input": {"to": ["<EMAIL_1>"]}}]},
        {"output": [{"content": [{"type": "output_text", "text": "to <EMAIL_1>"}]}]},
        {"error": {"message": "what is <EMAIL_1>?"}},
    ],
)
def test_whole_answers_of_any_dialect(document: object) -> None:
    raw = orjson.dumps(document)

    assert unmasked_body(raw, UNMASKING) == raw.replace(b"<EMAIL_1>", b"jane@example.com")


def test_arguments_in_a_whole_answer_stay_json() -> None:
    raw = orjson.dumps({"function": {"arguments": '{"key":"<SECRET_1>"}'}})

    arguments = orjson.loads(unmasked_body(raw, UNMASKING))["function"]["arguments"]

    assert orjson.loads(arguments) == {"key": VALUES["<SECRET_1>"]}


def test_what_is_signed_stays() -> None:
    raw = orjson.dumps({"content": [{"thinking": "<EMAIL_1>", "signature": "<EMAIL_1>"}]})

    assert unmasked_body(raw, UNMASKING) == raw


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[<EMAIL_1>", b'{"a":"\\u003c"}', b"[" * 5000])
def test_what_is_no_json_stays(raw: bytes) -> None:
    assert unmasked_body(raw, UNMASKING) == raw


@given(
    st.lists(
        st.sampled_from(
            (
                "jane@example.com",
                "4111 1111 1111 1111",
                "<EMAIL_1>",
                "é\n",
                '"',
                "<",
                " x ",
                "+1 415",
            )
        ),
        max_size=9,
    ).map("".join)
)
def test_what_was_masked_comes_back(text: str) -> None:
    raw = orjson.dumps({"messages": [{"content": text}]})

    result = masked(raw, dict.fromkeys(QUIET_KINDS, PiiAction.MASK))
    sent = result.body.data if result.body else raw

    assert orjson.loads(unmasked_body(sent, Unmasking(result.values))) == orjson.loads(raw)


@pytest.mark.parametrize(
    ("opening", "closing"), [("<", ">"), ("\\u003c", "\\u003e"), ("\\u003C", "\\u003E")]
)
@pytest.mark.parametrize("name", [f"{kind.name}_{n}" for kind in PiiKind for n in (1, 999_999_999)])
def test_every_beginning_of_a_placeholder_is_kept(opening: str, closing: str, name: str) -> None:
    whole = f"{opening}{name}{closing}"

    for end in range(1, len(whole)):
        assert UNMASKING.cut(f"to {whole[:end]}") == ("to ", whole[:end])
    assert UNMASKING.cut(f"to {whole}") == (f"to {whole}", "")


class Counted(Mapping[str, str]):
    """The values, and how many of them were looked at."""

    looked_at = 0

    def __getitem__(self, placeholder: str) -> str:
        self.looked_at += 1
        return VALUES[placeholder]

    def __iter__(self) -> Iterator[str]:
        for placeholder in VALUES:
            self.looked_at += 1
            yield placeholder

    def __len__(self) -> int:
        return len(VALUES)


def test_no_value_is_looked_at_before_its_placeholder_comes() -> None:
    """There may be a hundred thousand of them."""
    values = Counted()

    unmasking = Unmasking(values)

    assert unmasking.cut("to <EMAIL_1") == ("to ", "<EMAIL_1")
    assert values.looked_at == 0
    assert unmasking.text("to <EMAIL_1>") == "to jane@example.com"
    assert values.looked_at == 1
