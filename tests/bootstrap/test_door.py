"""The script at the door, run by LuaJIT as Envoy runs it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaError, LuaRuntime

from extproc.bootstrap import lua
from extproc.bootstrap.door import script
from extproc.contract import METADATA_NAMESPACE, TURNED_AWAY
from extproc.core.config import Config, Listener

OURS = {":authority": "localhost:12000", ":path": "/v1/chat/completions"}


_PAIRS = """
everything = {}
local pairs_of_a_table = pairs
function pairs(of) return pairs_of_a_table(everything[of] or of) end
"""
"""Envoy's headers are no table, and yet all of them can be gone through."""


class Headers:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def replace(self, name: str, value: str) -> None:
        self.values[name] = value

    def remove(self, name: str) -> None:
        self.values.pop(name, None)


class Handle:
    """What Envoy gives a script for one request."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._headers = Headers(values)
        self.refusal: tuple[str, str] | None = None
        self.remembered: dict[tuple[str, str], str] = {}

    def headers(self) -> Headers:
        return self._headers

    def remember(self, namespace: str, key: str, value: str) -> None:
        self.remembered[namespace, key] = value

    def respond(self, headers: Any, body: str) -> None:
        self.refusal = (headers[":status"], body)


class Door:
    """A configured door."""

    def __init__(self, config: Config) -> None:
        self._runtime = LuaRuntime(attribute_filter=None)
        self._runtime.execute(_PAIRS)
        self._runtime.execute(script(config))

    def enter(self, **headers: str) -> Handle:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        handle = Handle(OURS | given)
        self._runtime.eval("envoy_on_request")(in_lua(self._runtime, handle))
        return handle


def in_lua(runtime: LuaRuntime, handle: Handle) -> Any:
    """A handle whose methods are called with a colon, as Lua calls those of Envoy's."""
    made = runtime.eval(
        """function(get, replace, remove, respond, remember, all)
          local headers = {
            get = function(_, name) return get(name) end,
            replace = function(_, name, value) replace(name, value) end,
            remove = function(_, name) remove(name) end,
          }
          everything[headers] = all
          local metadata = {
            set = function(_, namespace, key, value) remember(namespace, key, value) end,
          }
          local info = { dynamicMetadata = function() return metadata end }
          return {
            headers = function() return headers end,
            streamInfo = function() return info end,
            respond = function(_, told, body) respond(told, body) end,
          }
        end"""
    )
    headers = handle.headers()
    everything = runtime.table_from(headers.values)
    return made(
        *(headers.get, headers.replace, headers.remove),
        *(handle.respond, handle.remember, everything),
    )


def door(hosts: tuple[str, ...] = (), **listener: Any) -> Door:
    return Door(Config((), listener=Listener(**listener), hosts=hosts))


def status(handle: Handle) -> str | None:
    return handle.refusal[0] if handle.refusal else None


@given(st.binary(max_size=300))
def test_a_hash_is_that_of_everybody_else(message: bytes) -> None:
    runtime = LuaRuntime(encoding=None)
    found = runtime.execute(lua.source("sha256").encode() + b"\nreturn sha256")(message)
    assert found.decode() == hashlib.sha256(message).hexdigest()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_stays_a_string(text: str) -> None:
    assert LuaRuntime().eval(lua.literal(text)) == text


def test_values_of_every_kind() -> None:
    table = LuaRuntime().eval(lua.literal({"a": True, 'b"]': ["x", "y"], "c": {"d": False}}))
    assert table["a"] is True
    assert list(table['b"]'].values()) == ["x", "y"]
    assert table["c"]["d"] is False


@pytest.mark.parametrize(
    ("origins", "origin", "expected"),
    [
        ((), None, None),
        ((), "https://evil.example", "403"),
        ((), "null", "403"),
        ((), "", "403"),
        (("https://app.example",), "https://app.example", None),
        (("https://app.example",), "https://app.example:444", "403"),
        (("https://app.example",), "https://app.example.evil", "403"),
        (("*",), "https://evil.example", None),
    ],
)
def test_origins(origins: tuple[str, ...], origin: str | None, expected: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    assert status(door(cors_origins=origins).enter(**headers)) == expected


def test_a_refusal_says_what_to_do_and_repeats_little() -> None:
    refusal = door().enter(origin="https://" + "x" * 50_000).refusal
    assert refusal is not None
    assert "listeners[].cors.origins" in refusal[1]
    assert len(refusal[1]) < 400


@pytest.mark.parametrize(
    ("authority", "ours"),
    [
        ("localhost", True),
        ("LOCALHOST:12000", True),
        ("127.0.0.1:12000", True),
        ("10.0.0.7", True),
        ("[::1]:12000", True),
        ("[::ffff:127.0.0.1]", True),
        ("router.lan:80", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:12000", False),
        ("evil.example:127", False),
        ("[::1].evil.example", False),
        ("", False),
    ],
)
def test_hosts_on_loopback(authority: str, ours: bool) -> None:
    guarded = door(("router.lan",))
    handle = guarded.enter(**{":authority": authority})
    assert (handle.refusal is None) is ours
    if handle.refusal:
        assert "dragoman.allowed_hosts" in handle.refusal[1]
    assert door(address="10.0.0.7").enter(**{":authority": authority}).refusal is None
    assert door(("*",)).enter(**{":authority": authority}).refusal is None


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/v1/x", "/v1/x"),
        ("/v1/x?", "/v1/x"),
        ("/v1/x?api-version=1&a=b", "/v1/x?api-version=1&a=b"),
        ("/v1/x?api_key=k", "/v1/x"),
        ("/v1/x?a=1&API-KEY=k&b=%20", "/v1/x?a=1&b=%20"),
        ("/v1/x?apiKey=k", "/v1/x"),
        ("/v1/x?api%5Fkey=k", "/v1/x"),
        ("/v1/x?%61%70%69_key=k&beta=true", "/v1/x?beta=true"),
        ("/v1/x?key=k&access_token=t&token", "/v1/x"),
        ("/v1/x?x-goog-api-key=k", "/v1/x"),
        ("/v1/x?a=1;api_key=k&b=2", "/v1/x?b=2"),
        ("/v1/x?monkey=1&keys=2", "/v1/x?monkey=1&keys=2"),
        ("/v1/x?a=b?key=k", "/v1/x?a=b?key=k"),
        ("/v1/x?&&=&%zz=1", "/v1/x?=&%zz=1"),
    ],
)
def test_credentials_leave_the_query(path: str, left: str) -> None:
    assert door().enter(**{":path": path}).headers().get(":path") == left


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"authorization": "Bearer k1"}, "k1"),
        ({"authorization": "bearer  k1 "}, "k1"),
        ({"authorization": "k1", "x_api_key": "k2"}, "k1"),
        ({"x_api_key": "k2"}, "k2"),
        ({"api_key": "k3"}, "k3"),
        ({"authorization": "Basic abc"}, "Basic abc"),
        ({"authorization": ""}, None),
    ],
)
def test_python_is_told_the_hash_of_the_key(headers: dict[str, str], key: str | None) -> None:
    entered = door().enter(**headers).headers()
    expected = hashlib.sha256(key.encode()).hexdigest()[:32] if key else None
    assert entered.get("x-dragoman-client") == expected
    for name, value in headers.items():
        assert entered.get(name.replace("_", "-")) == value


def test_more_keys_than_are_remembered() -> None:
    guarded = door()
    for number in range(2500):
        key = f"key-{number % 1200}"
        found = guarded.enter(authorization=key).headers().get("x-dragoman-client")
        assert found == hashlib.sha256(key.encode()).hexdigest()[:32]


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("TEAM_KEY", "team")
    monkeypatch.setenv("OTHER_KEY", "other")
    return door(key_variables=("TEAM_KEY", "OTHER_KEY"))


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"authorization": "Bearer team"}, {}),
        ({"x_api_key": "other"}, {}),
        ({"x_api_key": "team", "authorization": "Bearer own"}, {"authorization": "Bearer own"}),
        ({"authorization": "Bearer team", "x_api_key": "own"}, {"x-api-key": "own"}),
    ],
)
def test_a_key_opens_and_stays_at_the_door(
    locked: Door, headers: dict[str, str], left: dict[str, str]
) -> None:
    """What else is there is the client's own key for a provider."""
    handle = locked.enter(**headers)
    assert handle.refusal is None
    kept = handle.headers().values
    assert {name: kept[name] for name in ("authorization", "x-api-key") if name in kept} == left
    opening = "other" if "other" in headers.values() else "team"
    assert kept["x-dragoman-client"] == hashlib.sha256(opening.encode()).hexdigest()[:32]


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer wrong"}, {"x_api_key": "tea"}, {"authorization": "Bearer "}],
)
def test_without_a_key_nobody_comes_in(locked: Door, headers: dict[str, str]) -> None:
    handle = locked.enter(**headers)
    assert status(handle) == "401"
    assert handle.refusal is not None
    assert "listeners[].api_keys" in handle.refusal[1]


@pytest.mark.parametrize("value", [None, ""])
def test_a_door_without_its_keys_does_not_open(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("TEAM_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("TEAM_KEY", value)
    with pytest.raises(LuaError, match="TEAM_KEY holds no API key"):
        door(key_variables=("TEAM_KEY",))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x": "x" * 50_000}, None),
        ({"x": "x" * 62_000}, "431"),
        ({":path": f"/v1/x?{'x' * 62_000}"}, "431"),
        ({f"x{number}": "1" for number in range(98)}, None),
        ({f"x{number}": "1" for number in range(99)}, "431"),
    ],
)
def test_headers_that_leave_no_room(headers: dict[str, str], expected: str | None) -> None:
    assert status(door().enter(**headers)) == expected


def test_no_tunnels() -> None:
    assert status(door().enter(**{":method": "CONNECT", ":authority": "a:443"})) == "405"


def test_a_door_that_fails_stays_shut(locked: Door) -> None:
    """Envoy would let the request pass."""
    handle = locked.enter(**{":path": None})  # type: ignore[arg-type]
    assert status(handle) == "401"
    handle = locked.enter(**{":path": 7, "authorization": "Bearer team"})  # type: ignore[arg-type]
    assert status(handle) == "500"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "api_key"),
        ({"authorization": "Bearer nobody's"}, "api_key"),
        ({"origin": "https://evil.example"}, "origin"),
        ({":authority": "evil.example"}, "host"),
        ({"x": "x" * 62_000}, "headers"),
        ({":method": "CONNECT"}, "connect"),
        ({":path": 7, "authorization": "Bearer team"}, "failed"),
        ({"authorization": "Bearer team"}, None),
    ],
)
def test_the_log_is_told_why_somebody_is_turned_away(
    locked: Door, headers: dict[str, str], why: str | None
) -> None:
    remembered = locked.enter(**headers).remembered
    assert remembered == ({} if why is None else {(METADATA_NAMESPACE, TURNED_AWAY): why})


def test_a_door_that_cannot_tell_why_stays_shut(
    locked: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handle, "remember", lambda *_: 1 / 0)
    assert status(locked.enter()) == "401"
