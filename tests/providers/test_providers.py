"""The table of providers: addresses, paths, keys."""

from __future__ import annotations

import subprocess
import sys

import pytest

from extproc.config import Credential, Dialect, Endpoint
from extproc.providers import KNOWN, BaseUrl, BaseUrlError, settle, spoken_to

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES


@pytest.mark.parametrize(
    ("name", "host", "paths"),
    [
        (
            "openai",
            "api.openai.com",
            {CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses"},
        ),
        ("anthropic", "api.anthropic.com", {MESSAGES: "/v1/messages"}),
        (
            "groq",
            "api.groq.com",
            {CHAT: "/openai/v1/chat/completions", RESPONSES: "/openai/v1/responses"},
        ),
        ("mistral", "api.mistral.ai", {CHAT: "/v1/chat/completions"}),
        ("deepseek", "api.deepseek.com", {CHAT: "/v1/chat/completions"}),
        ("xai", "api.x.ai", {CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses"}),
        ("together_ai", "api.together.ai", {CHAT: "/v1/chat/completions"}),
        ("moonshotai", "api.moonshot.ai", {CHAT: "/v1/chat/completions"}),
        ("zhipu", "open.bigmodel.cn", {CHAT: "/api/paas/v4/chat/completions"}),
        (
            "digitalocean",
            "inference.do-ai.run",
            {CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses"},
        ),
        (
            "openrouter",
            "openrouter.ai",
            {
                CHAT: "/api/v1/chat/completions",
                RESPONSES: "/api/v1/responses",
                MESSAGES: "/api/v1/messages",
            },
        ),
        (
            "vercel",
            "ai-gateway.vercel.sh",
            {
                CHAT: "/v1/chat/completions",
                RESPONSES: "/v1/responses",
                MESSAGES: "/v1/messages",
            },
        ),
        ("xiaomi", "api.xiaomimimo.com", {CHAT: "/v1/chat/completions"}),
        ("edenai", "api.edenai.run", {CHAT: "/v3/chat/completions"}),
        (
            "chatgpt",
            "chatgpt.com",
            {
                CHAT: "/backend-api/codex/chat/completions",
                RESPONSES: "/backend-api/codex/responses",
            },
        ),
        ("cerebras", "api.cerebras.ai", {CHAT: "/v1/chat/completions"}),
        (
            "fireworks",
            "api.fireworks.ai",
            {
                CHAT: "/inference/v1/chat/completions",
                RESPONSES: "/inference/v1/responses",
                MESSAGES: "/inference/v1/messages",
            },
        ),
        ("perplexity", "api.perplexity.ai", {CHAT: "/chat/completions"}),
        (
            "gemini",
            "generativelanguage.googleapis.com",
            {CHAT: "/v1beta/openai/chat/completions"},
        ),
    ],
)
def test_where_a_provider_is(name: str, host: str, paths: dict[Dialect, str]) -> None:
    settled = settle(KNOWN[name])
    assert settled.endpoint == Endpoint("https", host, 443, host)
    assert settled.endpoint.tls
    assert settled.paths == paths
    assert KNOWN[name].needs_key(None) is (name != "chatgpt")


def test_ollama_is_wherever_its_user_runs_it() -> None:
    settled = settle(KNOWN["ollama"], base_url="http://localhost:11434")
    assert settled.endpoint == Endpoint("http", "localhost", 11434, "localhost:11434")
    assert not settled.endpoint.tls
    assert settled.paths == {
        CHAT: "/v1/chat/completions",
        RESPONSES: "/v1/responses",
        MESSAGES: "/v1/messages",
    }
    assert not KNOWN["ollama"].needs_key(None)
    with pytest.raises(BaseUrlError, match="is required"):
        settle(KNOWN["ollama"])


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        (
            "azure_openai",
            {CHAT: "/openai/v1/chat/completions", RESPONSES: "/openai/v1/responses"},
        ),
        ("qwen", {CHAT: "/compatible-mode/v1/chat/completions"}),
        ("amazon_bedrock", {CHAT: "/v1/chat/completions"}),
        ("plano", {CHAT: "/v1/chat/completions"}),
        (
            "vllm",
            {
                CHAT: "/v1/chat/completions",
                RESPONSES: "/v1/responses",
                MESSAGES: "/v1/messages",
            },
        ),
    ],
)
def test_providers_that_everybody_has_their_own_of(name: str, paths: dict[Dialect, str]) -> None:
    settled = settle(KNOWN[name], base_url="https://mine.example")
    assert settled.paths == paths
    assert not KNOWN[name].needs_key(None)
    with pytest.raises(BaseUrlError, match="is required"):
        settle(KNOWN[name])


@pytest.mark.parametrize(
    ("name", "asked", "path"),
    [
        (
            "azure_openai",
            "/openai/deployments",
            "/openai/deployments/{model}/chat/completions?api-version=2025-01-01-preview",
        ),
        ("azure_openai", "/p/openai/v1", "/p/openai/v1/chat/completions"),
        ("gemini", "/v1beta", "/v1beta/openai/chat/completions"),
        ("gemini", "/v1beta/openai", "/v1beta/openai/chat/completions"),
        ("moonshotai", "/coding", "/coding/v1/chat/completions"),
        ("moonshotai", "/coding/v1", "/coding/v1/chat/completions"),
    ],
)
def test_what_the_path_of_base_url_asks_for(name: str, asked: str, path: str) -> None:
    assert settle(KNOWN[name], base_url=f"https://mine.example{asked}").paths[CHAT] == path


KEY_HEADERS = {"anthropic": ("x-api-key", ""), "azure_openai": ("api-key", "")}


@pytest.mark.parametrize("name", KNOWN)
def test_how_a_provider_takes_its_key(name: str) -> None:
    header, prefix = KEY_HEADERS.get(name, ("authorization", "Bearer "))
    assert KNOWN[name].credential("V") == Credential(header, prefix, "V")
    assert KNOWN[name].client_key().header == header


def test_few_have_headers_of_their_own() -> None:
    assert {name: row.default_headers for name, row in KNOWN.items() if row.default_headers} == {
        "anthropic": {"anthropic-version": "2023-06-01"},
        "chatgpt": {"originator": "codex_cli_rs"},
    }


@pytest.mark.parametrize(
    ("name", "interface", "row"),
    [
        ("openai", None, "openai"),
        ("acme", None, None),
        ("acme", "groq", "groq"),
        ("acme", "acme", None),
        ("perplexity", "openai", "perplexity"),
        ("fireworks", "anthropic", "anthropic"),
    ],
)
def test_the_row_that_an_entry_goes_by(name: str, interface: str | None, row: str | None) -> None:
    found = spoken_to(name, interface)
    assert (found and found.name) == row


@pytest.mark.parametrize(
    ("base_url", "needed"),
    [
        ("https://api.openai.com", True),
        ("https://API.openai.com:443/v2", True),
        ("https://gateway.example/v1", False),
        ("not a url", False),
    ],
)
def test_a_stand_in_needs_no_key(base_url: str, needed: bool) -> None:
    assert KNOWN["openai"].needs_key(base_url) is needed


@pytest.mark.parametrize(
    ("url", "parsed", "authority"),
    [
        ("http://h", BaseUrl("http", "h", 80), "h"),
        ("https://h:80", BaseUrl("https", "h", 80), "h:80"),
        ("HTTPS://H.Example:443/", BaseUrl("https", "h.example", 443), "h.example"),
        ("http://[2001:db8::1]", BaseUrl("http", "2001:db8::1", 80), "[2001:db8::1]"),
        ("http://h/a/b//", BaseUrl("http", "h", 80, "/a/b"), "h"),
    ],
)
def test_base_urls(url: str, parsed: BaseUrl, authority: str) -> None:
    assert BaseUrl.parse(url) == parsed
    assert parsed.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h",
        "//h",
        "ftp://h",
        "http://",
        "http://:80",
        "http://h:0",
        "http://h:x",
        "http://u:p@h",
        "http://h?q",
        "http://h#f",
        "http://h/a b",
        "http://a,b",
        "http://é.example",
        "http://[::1",
    ],
)
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(BaseUrlError) as raised:
        BaseUrl.parse(url)
    assert not url[1:] or url not in str(raised.value)


@pytest.mark.parametrize(
    "module", ["extproc.providers", "extproc.config", "extproc.config.loading"]
)
def test_any_module_may_be_imported_first(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
