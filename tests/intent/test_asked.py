"""The request before or behind pages of material."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.intent.asked import asked
from extproc.intent.embedded import EmbeddedClassifier
from tests.helpers.growth import grows_with_the_square

AGENTS = Path(__file__).parent / "agents"
PROSE = "\n\n".join(
    f"In the {n}th year the harbour was widened again. Ships of {n} nations came and went, and "
    f"the records of the guild speak of {n * 7} crates of tea, of quarrels about tolls, of a fire "
    "in the warehouses by the river and of the council that met in the old hall to decide who was "
    "to pay for the new bridge. Nobody agreed with anybody for long, as the chronicle notes."
    for n in range(40)
)
CODE = "\n\n".join(f"def price_{n}(cart):\n    return sum(cart.items[{n}:])" for n in range(60))
LOG = "\n".join(f"2026-03-14T09:26:{n % 60:02d}Z WARN shop.cart: retry {n}" for n in range(90))
MATERIALS = {"prose": PROSE, "code": CODE, "fenced": f"```\n{CODE}\n```", "log": LOG}


@pytest.mark.parametrize("material", MATERIALS.values(), ids=MATERIALS.keys())
@pytest.mark.parametrize("request_", ["Summarize this.", "prod is down", "what calls price_3?"])
def test_a_short_paragraph_at_either_end_is_the_request(material: str, request_: str) -> None:
    assert asked(f"{request_}\n\n{material}") == request_
    assert asked(f"{material}\n \n{request_}\n") == request_


@pytest.mark.parametrize("material", MATERIALS.values(), ids=MATERIALS.keys())
def test_material_alone_asks_nothing(material: str) -> None:
    assert asked(material) is None


def test_courtesies_do_not_count() -> None:
    text = f"Hi there,\n\nPlease shorten this.\n\n{PROSE}\n\nThanks a lot!\n\nBest regards,\nKim"
    assert asked(text) == "Please shorten this."


def test_of_two_short_ends_the_one_that_asks() -> None:
    assert asked(f"A short history\n\n{PROSE}\n\nCan you shorten this?") == "Can you shorten this?"
    assert asked(f"The harbour\n\n{PROSE}\n\nThe end") == "The harbour\nThe end"


@pytest.mark.parametrize("end", ["> quoted", "# Heading", "| a | b |", '{"a": 1}', "x" * 400])
def test_what_is_no_words_is_no_request(end: str) -> None:
    assert asked(f"{end}\n\n{PROSE}\n\n{end}") is None


def test_what_is_not_long_is_left_alone() -> None:
    assert asked(f"Summarize this.\n\n{PROSE[:1900]}") is None


def test_a_text_of_blank_lines_takes_no_longer_than_its_length() -> None:
    @cache
    def text(lines: int) -> str:
        return "\n" * lines + "hi\n\n" + " \n" * lines

    assert asked(text(100_000)) is None
    assert not grows_with_the_square(lambda lines: asked(text(lines)), 100_000)


@pytest.mark.parametrize("material", MATERIALS.values(), ids=MATERIALS.keys())
def test_the_route_is_that_of_the_request(material: str) -> None:
    classifier = EmbeddedClassifier()
    entries = yaml.safe_load((AGENTS / "routes.yaml").read_text())
    routes = tuple(Route(models=("p/m",), **entry) for entry in entries)
    prompts = yaml.safe_load((AGENTS / "prompts.yaml").read_text())
    kept = [
        classifier.decide((Turn("user", text),), routes).route
        == classifier.decide((Turn("user", prompt),), routes).route
        for prompt in prompts
        for text in (f"{prompt}\n\n{material}", f"{material}\n\n{prompt}")
    ]
    assert sum(kept) / len(kept) >= 0.93
