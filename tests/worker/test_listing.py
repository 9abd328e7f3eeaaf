"""Which models are listed, and which part of them is shown."""

from __future__ import annotations

import pytest

from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.model_lists import ListedModel, Page
from extproc.errors import ClientError
from extproc.providers import OWN_MODELS
from extproc.worker.listing import Paging, listed, page, read_paging

ENDPOINT = Endpoint("https", "h", 443, "h")


def model(name: str, provider: str, model_id: str) -> Model:
    return Model(name, provider, model_id, ENDPOINT, {Dialect.CHAT: "/"})


CONFIG = Config(
    (
        model("fast", "groq", "llama"),
        model("anthropic/*", "anthropic", "*"),
        model("anthropic/claude-opus-5", "anthropic", "claude-opus-5"),
        model("mine", "ollama", "*"),
    ),
    aliases={"quick": "fast", "fast": "fast"},
)


def ids(*priced: str) -> list[str]:
    return [each.id for each in listed(CONFIG, priced)]


def test_declared_models_what_is_known_of_wildcards_and_aliases() -> None:
    known = [f"anthropic/{model_id}" for model_id in OWN_MODELS["anthropic"].known]
    assert "anthropic/claude-opus-5" in known
    assert ids() == ["fast", *known, "quick"]


def test_a_source_of_prices_knows_more_models() -> None:
    found = ids(
        "mine/new", "anthropic/claude-9", "openai/gpt-4o", "fast", "anthropic/claude-opus-5"
    )
    assert set(found) - set(ids()) == {"mine/new", "anthropic/claude-9"}
    assert len(set(found)) == len(found)


def test_nothing_is_listed_that_cannot_be_asked_for() -> None:
    assert not [name for name in ids("mine/*", "mine") if "*" in name or name == "mine"]


def test_the_owners() -> None:
    owners = {each.id: each.owner for each in listed(CONFIG, ["mine/new"])}
    assert owners["fast"] == "groq"
    assert owners["anthropic/claude-opus-5"] == "anthropic"
    assert owners["mine/new"] == "ollama"
    assert owners["quick"] == "dragoman"


MODELS = tuple(ListedModel(name, "p") for name in "abcde")


def shown(paging: Paging) -> tuple[str, bool]:
    part = page(MODELS, paging)
    return "".join(each.id for each in part.models), part.has_more


@pytest.mark.parametrize(
    ("paging", "expected"),
    [
        (Paging(), ("abcde", False)),
        (Paging(limit=5), ("abcde", False)),
        (Paging(limit=2), ("ab", True)),
        (Paging(limit=2, after="b"), ("cd", True)),
        (Paging(limit=2, after="c"), ("de", False)),
        (Paging(after="e"), ("", False)),
        (Paging(limit=2, before="d"), ("bc", True)),
        (Paging(limit=3, before="d"), ("abc", False)),
        (Paging(before="a"), ("", False)),
        (Paging(before="c"), ("ab", False)),
    ],
)
def test_a_page(paging: Paging, expected: tuple[str, bool]) -> None:
    assert shown(paging) == expected


def test_an_empty_list_has_one_page() -> None:
    assert page((), Paging(limit=2)) == Page(())


@pytest.mark.parametrize("paging", [Paging(after="x"), Paging(before="x")])
def test_a_page_next_to_nothing(paging: Paging) -> None:
    with pytest.raises(ClientError, match="names no model of the list: 'x'") as raised:
        page(MODELS, paging)
    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("query", "paging"),
    [
        ("", Paging(20)),
        ("limit=7", Paging(7)),
        ("limit=1000&after_id=openai%2Fgpt-4o", Paging(1000, after="openai/gpt-4o")),
        ("before_id=a&beta=true", Paging(20, before="a")),
        ("limit=", Paging(20)),
    ],
)
def test_the_paging_of_a_query(query: str, paging: Paging) -> None:
    assert read_paging(query, 20) == paging


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=-1", "limit=²", "limit=" + "9" * 5000]
)
def test_a_limit_that_is_none(query: str) -> None:
    with pytest.raises(ClientError, match="from 1 to 1000") as raised:
        read_paging(query, None)
    assert (raised.value.status, raised.value.param) == (400, "limit")


def test_both_ends_at_once() -> None:
    with pytest.raises(ClientError, match="Only one of"):
        read_paging("after_id=a&before_id=b", None)
