"""The dashboard asks for metrics that there are, by labels that they have."""

from __future__ import annotations

import re

import pytest

from tests.helpers.dashboard import DASHBOARD, TARGETS
from tests.helpers.every_metric import every_metric, labels_of

KNOWN = labels_of(every_metric())
PROMETHEUS_ADDS = {"instance"}
SELECTED = re.compile(r"\b([a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def labels_in(expression: str) -> set[str]:
    matchers = (each for _, found in SELECTED.findall(expression) for each in found.split(","))
    grouped = (each for found in GROUPED.findall(expression) for each in found.split(","))
    named = (re.split("[=!~]", each)[0] for each in (*matchers, *grouped))
    return {each.strip() for each in named} - PROMETHEUS_ADDS


@pytest.mark.parametrize(("title", "expression"), TARGETS)
def test_a_panel_asks_for_what_there_is(title: str, expression: str) -> None:
    asked = {name for name, _ in SELECTED.findall(expression)}
    assert asked, title
    assert asked <= KNOWN.keys()
    assert labels_in(expression) <= set().union(*(KNOWN[name] for name in asked))


@pytest.mark.parametrize(("title", "expression"), TARGETS)
def test_a_legend_names_what_a_panel_groups_by(title: str, expression: str) -> None:
    (panel,) = [each for each in DASHBOARD["panels"] if each["title"] == title]
    (target,) = [each for each in panel["targets"] if each["expr"] == expression]
    grouped = {each.strip() for found in GROUPED.findall(expression) for each in found.split(",")}
    assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) == grouped - {"le"}


def test_every_panel_and_variable_takes_the_datasource_that_is_chosen() -> None:
    variables = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["query"] == "prometheus"
    asked = re.match(r"label_values\((\w+), instance\)", variables["instance"]["definition"])
    assert asked is not None
    assert asked[1] in KNOWN
    sources = [each["datasource"] for each in DASHBOARD["panels"] if "datasource" in each]
    assert {each["uid"] for each in sources} == {"${datasource}"}


def test_panels_do_not_overlap() -> None:
    places = [each["gridPos"] for each in DASHBOARD["panels"]]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert len({each["id"] for each in DASHBOARD["panels"]}) == len(places)
