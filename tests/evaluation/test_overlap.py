"""Routes that cannot be told apart, or hardly found."""

from __future__ import annotations

import numpy as np
import pytest

from extproc.config import load
from extproc.core.routes import Route
from extproc.evaluation.overlap import CatchAll, Overlap, Vague, catch_alls, overlaps, vague
from extproc.intent.embedded import EmbeddedClassifier
from tests.helpers.scripted import ScriptedScorer


def routes(*names: str) -> tuple[Route, ...]:
    return tuple(Route(name, f"legal advice about {name}", ()) for name in names)


def test_pairs_are_reported_once_the_most_similar_first() -> None:
    matrix = np.array([[1.0, 0.7, 0.2], [0.7, 1.0, 0.9], [0.2, 0.9, 1.0]], np.float32)
    scorer = ScriptedScorer({}, similarities=matrix)
    assert overlaps(routes("a", "b", "c"), scorer, alike=0.7) == (
        Overlap("b", "c", 0.9),
        Overlap("a", "b", 0.7),
    )
    assert overlaps(routes("a", "b", "c"), scorer, alike=0.95) == ()


def test_without_routes_there_is_nothing_to_compare() -> None:
    assert overlaps((), ScriptedScorer({})) == ()
    assert vague((), ScriptedScorer({})) == ()


NAME = "its name says nothing of what requests are about"
DESCRIPTION = "its description says too little: write what users ask for, in a few words more"


@pytest.mark.parametrize(
    ("name", "description", "reasons"),
    [
        ("code_generation", "writing functions", []),
        ("codeGeneration", "writing functions", []),
        ("SQL", "database queries", [DESCRIPTION]),
        ("route_1", "legal advice", [NAME]),
        ("defaultRoute", "contracts, lawsuits", [NAME]),
        ("thing", "new stuff", [NAME, DESCRIPTION]),
        ("law", "stuff", [DESCRIPTION]),
        ("law", "law questions", [DESCRIPTION]),
        ("法律", "咨询", []),
        ("Übersetzung", "Texte übersetzen", []),
    ],
)
def test_names_and_descriptions_that_say_too_little(
    name: str, description: str, reasons: list[str]
) -> None:
    found = vague([Route(name, description, ())], ScriptedScorer({}))
    assert found == tuple(Vague(name, reason) for reason in reasons)


def test_routes_that_take_the_rest_are_told_and_not_called_vague() -> None:
    law = Route("law", "legal advice about contracts", ())
    rest = Route("misc", "anything else", ())
    chat = Route("chat", "small talk and general questions", ())
    assert vague([law, rest], ScriptedScorer({})) == ()
    assert catch_alls([law]) == ()
    assert catch_alls([law, rest, chat]) == (
        CatchAll(
            "misc", "it takes what no other route matches, and nothing else, as its words say"
        ),
        CatchAll(
            "chat", "it says that it takes the rest, but misc does: likeness alone leads to it"
        ),
    )
    told = Route("law", "legal advice about contracts", (), fallback=True)
    assert catch_alls([told]) == (
        CatchAll("law", "it takes what no other route matches, as fallback: true says"),
    )


def test_a_route_that_does_not_match_its_own_description() -> None:
    scorer = ScriptedScorer({"legal advice about b": (0.5, 0.1)}, threshold=0.2)
    assert vague(routes("civil", "b"), scorer)[-1] == Vague(
        "b",
        "its own description, sent as a prompt, scores 0.100: less than the threshold of 0.2 that "
        "it must reach",
    )


def test_the_quickstart_s_routes_are_fine_and_repeated_ones_are_not(
    pytestconfig: pytest.Config,
) -> None:
    path = pytestconfig.rootpath / "config" / "quickstart.yaml"
    config = load(path, {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}).config
    embedded = EmbeddedClassifier()
    assert overlaps(config.routes, embedded) == ()
    assert vague(config.routes, embedded) == ()
    twin = Route("programming", config.routes[1].description, ())
    (found,) = overlaps((*config.routes, twin), embedded)
    assert (found.first, found.second) == ("code_generation", "programming")
