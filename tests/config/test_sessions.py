"""Sessions: what the section ``routing`` settles to, and that the URL of Redis stays secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from extproc.config import ConfigError, Loaded, Secrets, Sessions, parse
from extproc.config.printing import effective
from extproc.core.config_json import from_json, to_json

ENVIRON = {
    "KEY": "the-model-key",
    "REDIS_URL": " redis://:the-password@cache:6379/1\n",
    "REDIS_PASSWORD": "the-password",
    "SLASHED": "the/password",
    "NO_URL": "the-password",
}
TEXT = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: $KEY}]
"""
URL = "routing.session_cache.url"
FORM = (
    "must be a URL such as redis://:password@host:6379/0, rediss://host:6380 "
    "or unix:///path/to/socket; in a password / ? # and @ are written percent-encoded"
)


def with_routing(routing: str) -> str:
    return f"{TEXT}routing: {routing}\n"


def with_url(url: str) -> str:
    return with_routing(f"{{session_cache: {{type: redis, url: '{url}'}}}}")


NO_CREDENTIALS = "is a header that holds credentials, which must not name sessions"


def read(text: str) -> Loaded:
    return parse(text, ENVIRON)


def redis_of(loaded: Loaded) -> tuple[str, str]:
    variable = loaded.config.sessions.redis_variable
    assert variable is not None
    return variable, loaded.secrets.values[variable]


def problems_of(routing: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(with_routing(routing))
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("routing", "expected"),
    [
        ("{}", Sessions(600, 10_000)),
        ("{session_ttl_seconds: 1, session_max_entries: 1}", Sessions(1, 1)),
        ("{session_cache: {}}", Sessions()),
        ("{session_cache: {type: memory}}", Sessions()),
        ("{session_cache: {tenant_header: X-Tenant-Id}}", Sessions(tenant_header="x-tenant-id")),
        (
            "{session_cache: {type: redis, url: $REDIS_URL}}",
            Sessions(redis_variable="REDIS_URL"),
        ),
        ("{session_headers: []}", Sessions(headers=())),
        (
            "{session_headers: [X-Model-Affinity, prompt_cache_key]}",
            Sessions(headers=("x-model-affinity", "prompt_cache_key")),
        ),
    ],
)
def test_what_the_section_settles_to(routing: str, expected: Sessions) -> None:
    loaded = read(with_routing(routing))
    assert loaded.config.sessions == expected
    assert loaded.warnings == ()
    assert from_json(to_json(loaded.config)) == loaded.config


def test_without_the_section_sessions_are_kept_in_memory() -> None:
    assert read(TEXT).config.sessions == Sessions()


@pytest.mark.parametrize(
    ("url", "variable", "value"),
    [
        ("$REDIS_URL", "REDIS_URL", "redis://:the-password@cache:6379/1"),
        ("${REDIS_URL}", "REDIS_URL", "redis://:the-password@cache:6379/1"),
        ("redis://:${REDIS_PASSWORD}@h", "DRAGOMAN_KEY_1", "redis://:the-password@h"),
        ("redis://localhost:6379", "DRAGOMAN_KEY_1", "redis://localhost:6379"),
        ("redis://u:pw@h/3", "DRAGOMAN_KEY_1", "redis://u:pw@h/3"),
        ("redis://[::1]:6379?db=2", "DRAGOMAN_KEY_1", "redis://[::1]:6379?db=2"),
        (
            "rediss://h:6380?ssl_ca_certs=/ca.pem&db=1",
            "DRAGOMAN_KEY_1",
            "rediss://h:6380?ssl_ca_certs=/ca.pem&db=1",
        ),
        ("unix:///run/redis.sock?db=4", "DRAGOMAN_KEY_1", "unix:///run/redis.sock?db=4"),
        ("unix://:pw@/run/r.sock", "DRAGOMAN_KEY_1", "unix://:pw@/run/r.sock"),
    ],
)
def test_the_url_is_set_apart_like_a_key(url: str, variable: str, value: str) -> None:
    loaded = read(with_url(url))
    assert redis_of(loaded) == (variable, value)
    assert "password" not in repr(loaded)
    assert b"redis" not in to_json(loaded.config).replace(b"redis_variable", b"")


@pytest.mark.parametrize(
    ("routing", "problems"),
    [
        (
            "{session_cache: {type: redis}}",
            [f"{URL}: session_cache.url is required when type is redis"],
        ),
        (
            "{session_cache: {type: redis, url: 'redis://:${NONE}@${NOBODY}'}}",
            [
                f"{URL}: environment variable NOBODY is not set",
                f"{URL}: environment variable NONE is not set",
            ],
        ),
        (
            "{session_cache: {type: redis, url: $NO_URL}}",
            [f"{URL}: environment variable NO_URL {FORM}"],
        ),
        (
            "{session_cache: {type: redis, url: REDIS_URL}}",
            [f"{URL}: {FORM}; for the variable write $REDIS_URL"],
        ),
        (
            "{session_cache: {type: memcached}}",
            ["routing.session_cache.type: must be 'memory' or 'redis'"],
        ),
        (
            "{session_cache: {tenant_header: 'x tenant'}}",
            ["routing.session_cache.tenant_header: is not a valid header name"],
        ),
        (
            "{session_headers: ['x id']}",
            ["routing.session_headers[0]: is not a valid header name"],
        ),
        (
            "{session_headers: [X-Ok, Authorization]}",
            [f"routing.session_headers[1]: {NO_CREDENTIALS}"],
        ),
        (
            "{session_cache: {tenant: x}}",
            [
                ("routing.session_cache.tenant: unknown key; did you mean 'tenant_header'?"),
            ],
        ),
        ("{session_ttl_seconds: 0}", ["routing.session_ttl_seconds: must be at least 1"]),
        (
            "{session_ttl_seconds: 31536001}",
            ["routing.session_ttl_seconds: must be at most 31536000"],
        ),
        ("{session_ttl_seconds: 5m}", ["routing.session_ttl_seconds: must be a whole number"]),
        ("{session_max_entries: 0}", ["routing.session_max_entries: must be at least 1"]),
        ("{session_max_entries: 10001}", ["routing.session_max_entries: must be at most 10000"]),
    ],
)
def test_mistakes(routing: str, problems: list[str]) -> None:
    assert problems_of(routing) == problems


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://h", FORM),
        ("redis:", FORM),
        ("redis://", FORM),
        ("redis://h:0", FORM),
        ("redis://:hunter2/secret@h", FORM),
        ("redis://:hunter2#secret@h", FORM),
        ("redis://:${SLASHED}@h", FORM),
        ("redis://[h", FORM),
        ("redis://a host", FORM),
        ("unix://", FORM),
        ("unix://run/redis.sock", FORM),
        ("redis://h/hunter2", "must name its database by a number"),
        ("redis://h?db=x", "must name its database by a number"),
        ("redis://h?socket_timeout=5", "may have no other parameters than db"),
        (
            "rediss://h?timeout=5",
            (
                "may have no other parameters than db, ssl_ca_certs, ssl_cert_reqs, ssl_certfile, "
                "ssl_check_hostname, ssl_keyfile"
            ),
        ),
    ],
)
def test_urls_that_lead_to_no_redis(url: str, fault: str) -> None:
    assert problems_of(f"{{session_cache: {{type: redis, url: '{url}'}}}}") == [f"{URL}: {fault}"]


def test_a_url_that_nobody_asks_is_warned_of() -> None:
    loaded = read(with_routing("{session_cache: {url: 'redis://h'}}"))
    assert loaded.config.sessions == Sessions()
    assert loaded.secrets == Secrets({"KEY": "the-model-key"})
    assert loaded.warnings == (
        f"config.yaml: {URL}: ignored: sessions are kept in memory; for Redis write type: redis",
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("$REDIS_URL", "$REDIS_URL"),
        ("redis://:${REDIS_PASSWORD}@h:1", "redis://:${REDIS_PASSWORD}@h:1"),
        ("redis://localhost:6379", "redis://localhost:6379"),
        ("redis://user:hunter2secret@h:1/2", "redis://user:***@h:1/2"),
        ("redis://:hunter2${REDIS_PASSWORD}@h", "redis://:***@h"),
        ("redis://hunter2secret@h", "***"),
    ],
)
def test_printing_masks_a_password_that_is_written_out(
    url: str, shown: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(with_url(url), encoding="utf-8")
    printed = effective(path, ENVIRON)
    assert yaml.safe_load(printed)["routing"]["session_cache"] == {"type": "redis", "url": shown}
    assert "hunter2" not in printed
    assert "the-password" not in printed


def test_printing_masks_even_a_url_that_nobody_asks(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = "{session_cache: {url: 'redis://:hunter2/secret@h'}}"
    path.write_text(with_routing(text), encoding="utf-8")
    cache = yaml.safe_load(effective(path, ENVIRON))["routing"]["session_cache"]
    assert cache == {"type": "memory", "url": "redis://:***@h"}
