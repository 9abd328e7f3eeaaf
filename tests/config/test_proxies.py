"""Proxies on the way to providers: what names them, and for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, parse
from extproc.config.printing import effective
from extproc.config.proxies import ProxyUrl, ProxyUrlError, proxy_variable
from extproc.core.models import Endpoint, Model, Proxy

BASIC = "Basic bWU6cEBzczogd29yZA=="


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy.example:3128", ProxyUrl("http", "proxy.example", 3128, None)),
        ("http://proxy.example", ProxyUrl("http", "proxy.example", 80, None)),
        ("https://proxy.example/", ProxyUrl("https", "proxy.example", 443, None)),
        ("proxy.example:3128", ProxyUrl("http", "proxy.example", 3128, None)),
        ("http://[::1]:3128", ProxyUrl("http", "::1", 3128, None)),
        ("http://me:p%40ss:%20word@h:1", ProxyUrl("http", "h", 1, BASIC)),
        ("http://me:p@ss: word@h:1", ProxyUrl("http", "h", 1, BASIC)),
        ("http://token@h:1", ProxyUrl("http", "h", 1, "Basic dG9rZW46")),
    ],
)
def test_urls_of_proxies(url: str, expected: ProxyUrl) -> None:
    assert ProxyUrl.parse(url) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("socks5://secret-word@h:1080", "other kinds are not supported"),
        ("http://secret-word@h:1/path", "must end behind the host and port"),
        ("http://secret-word@h:1?a=b", "must end behind the host and port"),
        ("http://secret-word@h:99999", "is not a valid URL"),
        ("http://secret-word@[h:1", "is not a valid URL"),
        ("http://secret-word@", "must be a URL such as"),
        ("http://secret-word@h%r:1", "must be a URL such as"),
        ("http://secret-word@h:0", "must be a URL such as"),
    ],
)
def test_what_is_none(url: str, message: str) -> None:
    with pytest.raises(ProxyUrlError, match=message) as caught:
        ProxyUrl.parse(url)
    assert "secret-word" not in str(caught.value)


def endpoint(host: str, port: int = 443, scheme: str = "https") -> Endpoint:
    return Endpoint(scheme, host, port, host)


def test_the_lower_case_variable_goes_first() -> None:
    far = endpoint("api.example")
    assert proxy_variable(far, {}) is None
    assert proxy_variable(far, {"HTTPS_PROXY": "http://p"}) == "HTTPS_PROXY"
    both = {"HTTPS_PROXY": "http://p", "https_proxy": "http://q"}
    assert proxy_variable(far, both) == "https_proxy"
    assert proxy_variable(far, both | {"https_proxy": " "}) == "HTTPS_PROXY"
    assert proxy_variable(far, both | {"no_proxy": "", "NO_PROXY": "*"}) == "https_proxy"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_has_no_proxy_before_it(host: str) -> None:
    assert proxy_variable(endpoint(host), {"HTTPS_PROXY": "http://p"}) is None


def test_nor_has_a_provider_without_tls() -> None:
    plain = endpoint("api.example", 80, "http")
    assert proxy_variable(plain, {"HTTPS_PROXY": "http://p", "HTTP_PROXY": "http://p"}) is None


@pytest.mark.parametrize(
    ("exceptions", "host", "excepted"),
    [
        ("*", "api.example", True),
        ("api.example", "api.example", True),
        ("API.Example", "api.EXAMPLE", True),
        ("other.example, api.example", "api.example", True),
        ("other.example api.example", "api.example", True),
        ("example", "api.example", True),
        (".example", "api.example", True),
        ("*.example", "api.example", True),
        ("i.example", "api.example", False),
        ("api.example:443", "api.example", True),
        ("api.example:8443", "api.example", False),
        ("api.example.com", "api.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("fd00::/8", "fd00::1", True),
        ("[fd00::1]", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("[fd00::1]:80", "fd00::1", False),
        ("fd00::2", "fd00::1", False),
        ("", "api.example", False),
        (" , ", "api.example", False),
    ],
)
def test_exceptions(exceptions: str, host: str, excepted: bool) -> None:
    environ = {"HTTPS_PROXY": "http://p", "NO_PROXY": exceptions}
    assert (proxy_variable(endpoint(host), environ) is None) == excepted


TEXT = "version: v0.4.0\nmodel_providers:\n  - {model: openai/a, access_key: $KEY%s}\n"


def model(more: str, **environ: str) -> tuple[Model, dict[str, str]]:
    loaded = parse(TEXT % more, {"KEY": "the-key", **environ})
    return loaded.config.models[0], dict(loaded.secrets.values)


def test_an_entry_says_more_than_the_environment() -> None:
    surrounding = {"HTTPS_PROXY": "http://around:1"}
    assert model("", **surrounding)[0].proxy == Proxy("http", "around", 1)
    assert model(', proxy: "https://own:2"', **surrounding)[0].proxy == Proxy("https", "own", 2)
    for none in ("false", "none"):
        assert model(f", proxy: {none}", **surrounding)[0].proxy is None
    assert model("")[0].proxy is None


@pytest.mark.parametrize(
    ("more", "environ"),
    [
        (', proxy: "http://me:p%40ss:%20word@h:1"', {}),
        (", proxy: $PROXY", {"PROXY": "http://me:p%40ss:%20word@h:1"}),
        (', proxy: "http://me:${WORD}@h:1"', {"WORD": "p%40ss:%20word"}),
        ("", {"HTTPS_PROXY": "http://me:p%40ss:%20word@h:1"}),
    ],
)
def test_what_a_proxy_is_told_is_a_secret(more: str, environ: dict[str, str]) -> None:
    found, secrets = model(more, **environ)
    assert found.proxy == Proxy("http", "h", 1, "DRAGOMAN_KEY_1")
    assert secrets["DRAGOMAN_KEY_1"] == BASIC


def test_problems_say_where_they_are_and_repeat_no_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        model(', proxy: "socks5://me:secret-word@h:1"')
    assert str(caught.value).startswith("config.yaml: model_providers[0].proxy: must be at http://")
    assert "secret-word" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"proxy: must be the URL of a proxy, .* or false"):
        model(", proxy: true")
    with pytest.raises(ConfigError, match=r"proxy: environment variable NOT_SET is not set"):
        model(", proxy: $NOT_SET")


def test_a_faulty_environment_is_told_of_once() -> None:
    text = TEXT % "" + "  - {model: openai/b, access_key: $KEY}\n"
    with pytest.raises(ConfigError) as caught:
        parse(text, {"KEY": "the-key", "HTTPS_PROXY": "socks5://secret-word@h:1"})
    (problem,) = caught.value.problems
    assert problem.message.startswith("environment variable HTTPS_PROXY must be at http://")
    assert problem.message.endswith("write proxy: false")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("http://me:secret-word@h:1", "http://me:***@h:1"),
        ("http://secret-word@h:1", "http://***@h:1"),
        ("me:secret-word@h:1", "me:***@h:1"),
        ("http://me:$KEY@h:1", "http://me:$KEY@h:1"),
        ("$PROXY", "$PROXY"),
        ("http://h:1", "http://h:1"),
    ],
)
def test_the_effective_form_shows_no_password(tmp_path: Path, written: str, shown: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT % f', proxy: "{written}"')
    printed = effective(path, {"KEY": "the-key", "PROXY": "http://me:secret-word@h:1"})
    assert f"proxy: {shown}" in printed.replace("'", "")
    assert "secret-word" not in printed
