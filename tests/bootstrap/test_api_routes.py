"""Which request of which other path Python is asked about, and what it is shown of it."""

from __future__ import annotations

import re

import pytest

from extproc.bootstrap.access_logs import USAGE_FILTERS
from extproc.bootstrap.attempt_routes import attempt_routes
from extproc.bootstrap.ingress_processors import instead
from extproc.bootstrap.ingress_routes import ingress_routes
from extproc.bootstrap.processors import filter_name, not_processed
from extproc.contract import Role
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.envoy_api.messages import HeaderMatcher, Route

ENDPOINT = Endpoint("http", "127.0.0.1", 8080, "127.0.0.1:8080")
CONFIG = Config((Model("a/b", "a", "b", ENDPOINT, {Dialect.CHAT: "/v1/chat/completions"}),))
INSTEAD = (Role.MODELS, Role.BY_MODEL, Role.BY_ID)
JSON = "application/json; charset=utf-8"
FORM = "multipart/form-data; boundary=x"


def _value_fits(matcher: HeaderMatcher, headers: dict[str, str]) -> bool:
    value = headers.get(matcher.name)
    if matcher.present_match:
        return value is not None
    text = matcher.string_match
    assert text is not None
    if text.safe_regex is not None:
        assert matcher.treat_missing_header_as_empty
        return bool(re.fullmatch(text.safe_regex.regex, value or "")) is not matcher.invert_match
    return value == text.exact


def _fits(route: Route, path: str, headers: dict[str, str]) -> bool:
    match = route.match
    assert match is not None
    if match.safe_regex is not None:
        found = re.fullmatch(match.safe_regex.regex, path) is not None
    elif match.path_separated_prefix:
        found = path == match.path_separated_prefix or path.startswith(
            f"{match.path_separated_prefix}/"
        )
    else:
        found = path == match.path if match.path else path.startswith(match.prefix or "")
    return found and all(_value_fits(each, headers) for each in match.headers)


def asked(method: str, path: str, content_type: str | None = None) -> Role | None:
    """Who is asked about a request; None: Envoy answers by itself."""
    headers = {":method": method} | ({"content-type": content_type} if content_type else {})
    route = next(each for each in ingress_routes(CONFIG, "on") if _fits(each, path, headers))
    settings = route.typed_per_filter_config
    setting = settings.get(filter_name(Role.INGRESS))
    if setting is None:
        return Role.INGRESS
    if setting == not_processed():
        return None
    (role,) = (one for one in INSTEAD if setting == instead(one, CONFIG))
    return role


@pytest.mark.parametrize(
    ("method", "path", "content_type", "role"),
    [
        ("POST", "/v1/chat/completions", JSON, Role.INGRESS),
        ("POST", "/routing/v1/messages", JSON, Role.INGRESS),
        ("POST", "/v1/embeddings", JSON, Role.BY_MODEL),
        ("POST", "/v1/embeddings", None, Role.BY_MODEL),
        ("POST", "/v1/embeddings", "application/x-www-form-urlencoded", Role.BY_MODEL),
        ("POST", "/v1/audio/transcriptions", FORM, Role.BY_MODEL),
        ("POST", "/v1/messages/count_tokens", JSON, Role.BY_MODEL),
        ("POST", "/v1/responses/resp_1/cancel", JSON, Role.BY_MODEL),
        ("PATCH", "/v1/any", JSON, Role.BY_MODEL),
        ("POST", "/v1/files", FORM, Role.BY_ID),
        ("POST", "/v1/uploads/upload_1/parts", FORM, Role.BY_ID),
        ("POST", "/v1/any", "audio/wav", Role.BY_ID),
        ("PUT", "/v1/any", "application/octet-stream", Role.BY_ID),
        ("GET", "/v1/files", None, Role.BY_ID),
        ("GET", "/v1/files/file-1/content", JSON, Role.BY_ID),
        ("DELETE", "/v1/responses/resp_1", None, Role.BY_ID),
        ("GET", "/v1/models", None, Role.MODELS),
        ("GET", "/v1/models/m", None, Role.MODELS),
        ("GET", "/v1/chat/completions", None, None),
        ("OPTIONS", "/v1/embeddings", None, None),
        ("HEAD", "/v1/files/file-1", None, None),
        ("POST", "/v1/chat", JSON, None),
        ("POST", "/v1/messages/", JSON, None),
        ("POST", "/v1/", JSON, None),
        ("POST", "/v2/embeddings", JSON, None),
        ("POST", "/routing/v1/embeddings", JSON, None),
    ],
)
def test_who_is_asked(method: str, path: str, content_type: str | None, role: Role | None) -> None:
    assert asked(method, path, content_type) is role


def test_files_are_not_looked_into() -> None:
    first, *others = attempt_routes(CONFIG)
    assert _fits(first, "/any", {"x-dragoman-unread": "1", "x-dragoman-candidates": "1"})
    assert not _fits(first, "/any", {"x-dragoman-candidates": "1"})
    assert set(USAGE_FILTERS) < set(first.typed_per_filter_config)
    for route in others:
        assert not set(USAGE_FILTERS) & set(route.typed_per_filter_config)
