"""What is seen to before any process is started."""

from __future__ import annotations

import contextlib
import errno
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extproc.core.config import Admin, Config, IntentSettings, Listener, Secrets
from extproc.core.models import Credential, Dialect, Endpoint, Model, Proxy
from extproc.core.sessions import Sessions
from extproc.core.sources import CostSource, PriceFormat
from extproc.errors import StartError
from extproc.sidecar.preparation import (
    authorities,
    check_port,
    envoys_environment,
    kept_port,
    pythons_environment,
    tell_of_proxies,
    with_admin_port,
)

ENDPOINT = Endpoint("https", "h", 443, "h")
ONE = Model(
    "one/a",
    "one",
    "a",
    ENDPOINT,
    {Dialect.CHAT: "/chat"},
    Credential("authorization", "Bearer ", "ONE_KEY"),
    secret_headers=(Credential("x-team", "", "ONE_TEAM"),),
)
ROUTER = Model(
    "vllm/router",
    "vllm",
    "router",
    ENDPOINT,
    {Dialect.CHAT: "/chat"},
    Credential("authorization", "Bearer ", "ROUTER_KEY"),
)
CONFIG = Config(
    (ONE, ROUTER),
    sessions=Sessions(redis_variable="REDIS_URL"),
    costs=CostSource(PriceFormat.OWN, url="http://h", token_variable="PRICE_TOKEN"),
    admin=Admin(token_variable="ADMIN_TOKEN"),
)
SECRETS = Secrets(
    {
        name: f"the {name}"
        for name in (
            *("ONE_KEY", "ONE_TEAM", "ROUTER_KEY"),
            *("REDIS_URL", "PRICE_TOKEN", "ADMIN_TOKEN"),
        )
    }
)
HARMLESS = {"PATH": "/bin", "HOME": "/root", "SSL_CERT_FILE": "/ca.pem"}


def expected(*names: str) -> dict[str, str]:
    return HARMLESS | {name: SECRETS.values[name] for name in names}


def test_python_gets_the_address_of_redis_and_its_tokens_alone() -> None:
    inherited = HARMLESS | {"ONE_KEY": "the ONE_KEY", "ONE_TEAM": "the ONE_TEAM"}
    got = pythons_environment(inherited, CONFIG, SECRETS)
    assert got == expected("REDIS_URL", "PRICE_TOKEN", "ADMIN_TOKEN")


def test_python_gets_nothing_where_it_needs_nothing() -> None:
    config = Config((ONE, ROUTER))
    got = pythons_environment(HARMLESS | dict(SECRETS.values), config, SECRETS)
    assert got == HARMLESS


def test_python_gets_the_key_of_the_intent_router() -> None:
    config = replace(CONFIG, intent=IntentSettings(router=ROUTER))
    got = pythons_environment(HARMLESS, config, SECRETS)
    assert got == expected("REDIS_URL", "PRICE_TOKEN", "ADMIN_TOKEN", "ROUTER_KEY")


def test_envoy_gets_the_models_keys_and_headers_alone() -> None:
    inherited = HARMLESS | {"REDIS_URL": "the REDIS_URL", "PRICE_TOKEN": "the PRICE_TOKEN"}
    got = envoys_environment(inherited, CONFIG, SECRETS)
    assert got == expected("ONE_KEY", "ONE_TEAM", "ROUTER_KEY")


def test_envoy_gets_the_keys_that_open_its_listener() -> None:
    config = replace(CONFIG, listener=Listener(key_variables=("PRICE_TOKEN",)))
    got = envoys_environment(HARMLESS, config, SECRETS)
    assert got == expected("ONE_KEY", "ONE_TEAM", "ROUTER_KEY", "PRICE_TOKEN")


def test_a_proxys_credentials_are_for_whoever_goes_through_it() -> None:
    secrets = Secrets({**SECRETS.values, "PROXY_KEY": "the PROXY_KEY"})
    router = replace(ROUTER, proxy=Proxy("http", "proxy.example", 3128, "PROXY_KEY"))
    config = Config((ONE, router))
    got = envoys_environment(HARMLESS, config, secrets)
    assert got["PROXY_KEY"] == "the PROXY_KEY"
    assert "PROXY_KEY" not in pythons_environment(HARMLESS, config, secrets)
    asked = replace(config, intent=IntentSettings(router=router))
    assert pythons_environment(HARMLESS, asked, secrets)["PROXY_KEY"] == "the PROXY_KEY"


def test_proxies_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    proxy = Proxy("http", "proxy.example", 3128, "PROXY_KEY")
    with caplog.at_level("INFO"):
        tell_of_proxies(Config((ONE, replace(ONE, name="b", proxy=proxy), ROUTER)))
    assert caplog.messages == ["through the proxy proxy.example:3128: b"]


def test_what_was_settled_goes_before_what_is_inherited() -> None:
    """A value may have been in a ``.env`` file, or had spaces around it."""
    inherited = HARMLESS | {"REDIS_URL": " other ", "ONE_KEY": " other "}
    assert pythons_environment(inherited, CONFIG, SECRETS)["REDIS_URL"] == "the REDIS_URL"
    assert envoys_environment(inherited, CONFIG, SECRETS)["ONE_KEY"] == "the ONE_KEY"
    assert inherited == HARMLESS | {"REDIS_URL": " other ", "ONE_KEY": " other "}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_port_that_is_taken(taken: int) -> None:
    message = (
        f"cannot listen on 127.0.0.1:{taken}: Address already in use. "
        "Stop what listens there, or change listeners[].port."
    )
    with pytest.raises(StartError, match=f"^{re.escape(message)}$"):
        check_port("127.0.0.1", taken, "listeners[].port")


def test_a_port_that_envoy_would_have_shared() -> None:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with pytest.raises(StartError, match="Address already in use"):
            check_port("127.0.0.1", listening.getsockname()[1], "k")


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(StartError, match=r"^cannot listen on 192\.0\.2\.1:80.*change the\.key\.$"):
        check_port("192.0.2.1", 8080, "the.key")


def test_a_port_that_is_free(taken: int) -> None:
    check_port("127.0.0.1", 0, "k")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    check_port("127.0.0.1", port, "k")
    check_port("127.0.0.2", taken, "k")


def test_the_check_leaves_the_port_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        check_port("127.0.0.1", port, "k")
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_is_kept_for_envoy_from_others() -> None:
    """As from a sidecar that is started at the same time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with kept_port("127.0.0.1", port, "k"):
        for address in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(StartError, match="Address already in use"):
                check_port(address, port, "k")
        envoys = socket.create_server(("127.0.0.1", port), reuse_port=True)
    with envoys:
        with pytest.raises(StartError, match="Address already in use"):
            check_port("127.0.0.1", port, "k")
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    check_port("127.0.0.1", port, "k")


def test_the_authorities_are_a_file_of_certificates() -> None:
    assert "BEGIN CERTIFICATE" in Path(authorities()).read_text(encoding="utf-8")


def test_the_usual_admin_port_gives_way_to_another_sidecars(
    caplog: pytest.LogCaptureFixture,
) -> None:
    usual = Admin()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # then somebody else has it, which will do
            stack.enter_context(socket.create_server((usual.address, usual.port)))
        settled = with_admin_port(CONFIG)
    assert settled.admin.port != usual.port
    assert replace(settled, admin=CONFIG.admin) == CONFIG
    assert f"on port {settled.admin.port}" in caplog.text


def test_an_admin_port_that_was_chosen_is_had_or_nothing_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        chosen = replace(CONFIG, admin=Admin(port=taken.getsockname()[1]))
        with pytest.raises(StartError, match=r"dragoman\.admin_address"):
            with_admin_port(chosen)
    assert with_admin_port(chosen) == chosen


def test_an_address_that_no_interface_has_is_said() -> None:
    with pytest.raises(
        StartError, match=r"No interface of this machine .*: change the\.address\.$"
    ):
        check_port("192.0.2.1", 8080, "the.port", "the.address")


def test_a_port_that_takes_a_right_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(StartError) as raised:
        check_port("::1", 80, "listeners[].port")
    assert str(raised.value).startswith("cannot listen on [::1]:80: Permission denied. Ports below")
    assert "CAP_NET_BIND_SERVICE" in str(raised.value)
    assert "Stop what listens there" not in str(raised.value)


@pytest.mark.parametrize("listening", ["127.0.0.1", "0.0.0.0", "::"])
def test_an_admin_port_that_is_the_listeners(listening: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = replace(CONFIG, listener=Listener(listening, port), admin=Admin(port=port))
    with pytest.raises(StartError, match=r"the listener is on .* itself"):
        with_admin_port(config)
    usual = Admin().port
    settled = with_admin_port(replace(CONFIG, listener=Listener(listening, usual)))
    assert settled.admin.port != usual
