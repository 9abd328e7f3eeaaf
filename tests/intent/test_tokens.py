"""Token ids: those of BERT's tokenizer, within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.intent import tokens
from extproc.intent.tokens import (
    CONVERSATION_TOKENS,
    END,
    PROMPT_TOKENS,
    ROUTE_TOKENS,
    Tokens,
    fit,
    route_text,
)
from tests.helpers.reference_tokenizer import ReferenceTokenizer

FILE = Path(tokens.__file__).with_name("data") / "tokenizer.json"
START, SPLIT = 101, 102

TEXTS = {
    "plain": "Write a Python function that implements binary search.",
    "accents": "Éric a mangé une crème brûlée à Zürich, señor; Ångström naïve façade",
    "code": "def f(x): return {'a': x**2, \"b\": [x]}  # TODO\n\tif x != 0 && y->z <= 3: pass;",
    "emoji": "thanks 👍🏽 that's great 🎉🎉 👨‍👩‍👧‍👦 ❤️ ok",
    "cjk": "请把这段文字翻译成英文。日本語のテキストを要約して、한국어도 있어요",
    "mixed": "Ελληνικά και русский текст, العربية, עברית, हिन्दी, ไทย, Việt Nam",
    "signs": "«quoted» — dash… 50 % €3,50 a/b\\c #tag @name $var ^~`|",
    "spaces": "a\u00a0b\u2003c\u3000d\te\r\nf\u200bg\u00adh",
    "controls": "a\x00b\x07c\ufffdd",
    "special": "[CLS] is [SEP] not [MASK] special [PAD] here [UNK]",
    "long word": "antidisestablishmentarianism" * 3,
    "too long a word": "x" * 101,
    "rare": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﬁne ½ ² ① ㎏ Ⅷ ǆ İstanbul ß ſ",  # noqa: RUF001 - they are what is tested
}


@pytest.fixture(scope="module")
def packaged() -> Tokens:
    return Tokens()


@pytest.fixture(scope="module")
def reference() -> ReferenceTokenizer:
    return ReferenceTokenizer(FILE)


@pytest.mark.parametrize("name", TEXTS)
def test_ids_are_those_of_the_reference(
    packaged: Tokens, reference: ReferenceTokenizer, name: str
) -> None:
    ids = packaged.ids(TEXTS[name])
    assert ids
    assert ids == reference.ids(TEXTS[name])


@pytest.mark.unmeasured  # a million steps
def test_a_megabyte_without_spaces_is_one_unknown_word(
    packaged: Tokens, reference: ReferenceTokenizer
) -> None:
    text = "x" * 1_048_576
    assert packaged.ids(text) == reference.ids(text) == [100]
    cjk = "文" * 3_000
    assert packaged.ids(cjk) == reference.ids(cjk)


def test_text_that_utf8_cannot_carry_has_ids(packaged: Tokens) -> None:
    assert packaged.ids("broken \ud83d text") == packaged.ids("broken ? text")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("code_generation", "code generation"),
        ("code-generation", "code generation"),
        ("codeGeneration", "code Generation"),
        ("team/billing.v2", "team billing v2"),
        ("HTTPErrors", "HTTPErrors"),
    ],
)
def test_names_are_read_as_words(name: str, words: str) -> None:
    assert route_text(name, "") == words
    assert route_text(name, "something") == f"{words}: something"


def test_a_route_is_bounded_and_framed(packaged: Tokens) -> None:
    short = packaged.route("poems", "verse")
    assert short == [START, *packaged.ids("poems: verse"), END]
    long = packaged.route("poems", "many words " * 10_000)
    assert len(long) == ROUTE_TOKENS
    assert long[0] == START
    assert long[-1] == END


def test_one_turn_that_fits_is_framed_only() -> None:
    assert fit([[7, 8, 9]]) == [START, 7, 8, 9, END]


def test_one_turn_that_does_not_fit_keeps_its_beginning_and_its_end() -> None:
    joined = fit([list(range(1000, 2000))], 64)
    assert len(joined) == 64
    assert len(fit([list(range(1000))])) == PROMPT_TOKENS
    assert len(fit([list(range(1000)), [1]])) == CONVERSATION_TOKENS
    assert joined[1:39] == list(range(1000, 1038))
    assert joined[39:-1] == list(range(1976, 2000))


def test_turns_are_joined_latest_first() -> None:
    assert fit([[1], [2, 3], [4]]) == [START, 1, SPLIT, 2, 3, SPLIT, 4, END]


@pytest.mark.parametrize("lengths", [(500, 500, 500, 500), (1, 40, 24, 24, 24), (64, 1), (61, 1)])
def test_turns_together_never_pass_the_limit(lengths: tuple[int, ...]) -> None:
    parts = [[1000 + nth] * length for nth, length in enumerate(lengths)]
    for limit in (16, 32, 64, 128):
        joined = fit(parts, limit)
        assert len(joined) <= limit
        assert joined[-2] != SPLIT
        assert joined.count(1000) >= min(lengths[0], (limit - 2) * 5 // 8)


def test_a_long_last_turn_leaves_room_for_what_it_is_about() -> None:
    joined = fit([[7] * 500, [8] * 500], 64)
    assert joined.count(7) == 39
    assert joined.count(8) == 22


def test_a_follow_up_leaves_its_room_to_earlier_turns() -> None:
    joined = fit([[7] * 3, [8] * 500, [9] * 500], 64)
    assert joined.count(7) == 3
    assert joined.count(8) == 40
    assert joined.count(9) == 17
