"""Whatever reaches a provider that is not for it is found."""

from __future__ import annotations

import pytest

from extproc.config import Loaded
from extproc.demo.config import CLIENT_KEY, KEYS, PROVIDERS, configuration
from extproc.demo.keys import KeyCheck, check_keys
from extproc.demo.provider import Behaviour, Exchange

OPENAI, ANTHROPIC = KEYS["OPENAI_API_KEY"], KEYS["ANTHROPIC_API_KEY"]
OWN = {
    "openai": ("authorization", f"Bearer {OPENAI}"),
    "anthropic": ("x-api-key", ANTHROPIC),
    "mistral": ("authorization", f"Bearer {KEYS['MISTRAL_API_KEY']}"),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    urls = dict.fromkeys(PROVIDERS, "http://127.0.0.1:1")
    return configuration(tmp_path_factory.mktemp("demo"), urls)


def exchange(*headers: tuple[str, str], path: str = "/v1", body: bytes = b"{}") -> Exchange:
    return Exchange("POST", path, headers, body, 0.0, Behaviour())


def check(loaded: Loaded, **more: Exchange) -> KeyCheck:
    exchanges = {name: [exchange(own)] for name, own in OWN.items()}
    for name, added in more.items():
        exchanges[name].append(added)
    return check_keys(loaded.config, loaded.secrets, CLIENT_KEY, exchanges)


def test_each_with_its_own_key(loaded: Loaded) -> None:
    checked = check(loaded, openai=exchange(OWN["openai"]))
    assert checked.held
    assert checked.requests == {"openai": 2, "anthropic": 1, "mistral": 1}


@pytest.mark.parametrize(
    ("leaking", "what"),
    [
        (exchange(OWN["openai"], ("x-api-key", ANTHROPIC)), ANTHROPIC),
        (exchange(OWN["openai"], ("cookie", f"key={CLIENT_KEY}")), CLIENT_KEY),
        (exchange(OWN["openai"], path=f"/v1?key={CLIENT_KEY}"), CLIENT_KEY),
        (exchange(OWN["openai"], body=CLIENT_KEY.encode()), CLIENT_KEY),
        (exchange(OWN["openai"], ("x-dragoman-plan", "e30")), "x-dragoman-plan"),
        (exchange(OWN["openai"], ("x-envoy-attempt-count", "2")), "x-envoy-attempt-count"),
        (exchange(OWN["openai"], ("x-request-id", "1")), "x-request-id"),
        (exchange(("authorization", OPENAI)), "its own key is not in authorization"),
        (exchange(), "its own key is not in authorization"),
    ],
)
def test_leaks_are_found(loaded: Loaded, leaking: Exchange, what: str) -> None:
    checked = check(loaded, openai=leaking)
    assert not checked.held
    (leak,) = checked.leaks
    assert leak.startswith("openai, request 2: ")
    assert what in leak


def test_a_provider_that_was_never_asked_proves_nothing(loaded: Loaded) -> None:
    unasked = check_keys(loaded.config, loaded.secrets, CLIENT_KEY, {"openai": []})
    assert not unasked.held
    assert not unasked.leaks
