"""Greetings, thanks and signatures do not count; what only looks like them does."""

from __future__ import annotations

import pytest
import yaml

from extproc.intent.courtesies import without_courtesies
from tests.helpers.growth import grows
from training.real_use import courtesies_abroad


@pytest.mark.parametrize(
    "text",
    [
        "Hi there,\n\n{}",
        "hello! {}",
        "hey, {}",
        "hey guys {}",
        "Good morning, I hope you are well. {}",
        "How are you? {}",
        "Dear support team,\n\n{}\n\nKind regards,\nAnna Lindqvist",
        "please {}",
        "{} please",
        "{}, please!",
        "{}. Thanks!",
        "{}.Thanks",
        "{}.\n\nThanks",
        "{} thanks in advance",
        "{}\n\nThank you so much in advance!",
        "{}\n\nBest,\nTom\nAcme Ltd.",
        "{}\n--\nMaria Costa\nHead of Operations",
        "Hey! Could you do me a favour? {}? Thx :)",
        "Bitte {}",
    ],
)
def test_courtesies_are_left_out(text: str) -> None:
    request = "add dark mode to the settings page"
    assert without_courtesies(text.format(request)).rstrip(".?") == request


@pytest.mark.parametrize(
    "text",
    [
        "hello world in Rust",
        "write a note that says thanks",
        "hi res images look blurry",
        "what does dear mean",
        "how do I say thank you in Polish",
        "the regards section is empty",
        "thanks",
        "Thanks a lot!",
        "Hello",
        "good morning!",
        "please",
        "thx",
        "",
        "   ",
    ],
)
def test_what_a_request_says_stays(text: str) -> None:
    assert without_courtesies(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Good morning!\n\nBest regards,\nAnna", "Good morning!"),
        ("Best regards,\nAnna", "Best regards,\nAnna"),
        ("hi there, thank you so much", "hi there"),
        ("Hey! Thanks :)", "Hey!"),
    ],
)
def test_of_courtesies_alone_the_first_stays(text: str, left: str) -> None:
    assert without_courtesies(text) == left


def test_courtesies_of_other_languages_are_left_out(pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "training" / "development_data"
    prompts = yaml.safe_load((folder / "languages.yaml").read_text(encoding="utf-8"))["sets"]
    for language, put in courtesies_abroad().items():
        for request in (prompts[language]["code"][0], prompts[language]["parcel"][0]):
            for text in put(request):
                assert without_courtesies(text).rstrip(".!") == request


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Welt in Rust",
        "wie sagt man danke auf Englisch",
        "qué significa gracias",
        "caro amico in inglese",
        "Salut est un mot familier",
        "翻訳をお願いします",
        "请翻译这封感谢信",
        "Danke",
        "Vielen Dank!",
        "¡Hola!",
        "Buongiorno!",
        "你好",
        "感谢您",
        "спасибо",
        "ありがとうございます。",
        "नमस्ते",
        "안녕하세요",
        "شكرًا",
    ],
)
def test_what_a_request_says_in_other_languages_stays(text: str) -> None:
    assert without_courtesies(text) == text


@pytest.mark.parametrize(
    "words", ["hi, ", "\n--\n", " please", "thanks ", "merci ", " 谢谢", "a\n"]
)
def test_a_hostile_text_takes_no_longer(words: str) -> None:
    def leaving_out(size: int) -> None:
        text = words * (size // len(words))
        for _ in range(10):
            without_courtesies(text)

    assert not grows(leaving_out, 4_000)
