"""Small helpers to write Envoy's typed messages with less ceremony."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from extproc.bootstrap.tree import tree
from extproc.envoy_api.messages import (
    Duration,
    Filter,
    FilterChain,
    FilterConfig,
    HeaderMatcher,
    HeaderValue,
    HeaderValueOption,
    HeaderValueOptionHeaderAppendAction,
    HttpConnectionManager,
    HttpFilter,
    Message,
    Packed,
    RegexMatcher,
    StringMatcher,
    TypedExtensionConfig,
)

__all__ = [
    "any_of",
    "exact",
    "extension",
    "http_connections",
    "http_filter",
    "left_out",
    "literal",
    "matches",
    "prefix",
    "regex",
    "seconds",
    "set_headers",
    "set_if_absent",
]


def any_of(message: Message) -> Packed:
    """The message inside an ``Any``, as Envoy's extension points want it."""
    return {"@type": f"type.googleapis.com/{message.proto}"} | tree(message)


def extension(name: str, message: Message) -> TypedExtensionConfig:
    return TypedExtensionConfig(name=name, typed_config=any_of(message))


def http_filter(name: str, message: Message) -> HttpFilter:
    return HttpFilter(name=name, typed_config=any_of(message))


def left_out() -> Packed:
    """A route's own setting for any filter: its requests do not have the filter.

    Which filters a request has is settled by its first route, and stays if that is chosen anew:
    https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig
    """
    return any_of(FilterConfig(disabled=True))


def http_connections(manager: HttpConnectionManager) -> FilterChain:
    """A listener's only filter chain: connections that speak HTTP."""
    name = "envoy.filters.network.http_connection_manager"
    return FilterChain(filters=[Filter(name=name, typed_config=any_of(manager))])


def seconds(duration: float) -> Duration:
    """A duration as protobuf's JSON writes it, to the microsecond."""
    return f"{duration:.6f}".rstrip("0").rstrip(".") + "s"


def exact(value: str) -> StringMatcher:
    return StringMatcher(exact=value)


def prefix(value: str) -> StringMatcher:
    return StringMatcher(prefix=value, ignore_case=True)


def regex(value: str) -> StringMatcher:
    """Fits what the expression (RE2) matches as a whole."""
    return StringMatcher(safe_regex=RegexMatcher(regex=value))


def literal(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers whose values mean themselves: Envoy reads ``%`` as the start of a command."""
    return [(name, value.replace("%", "%%")) for name, value in headers.items()]


def matches(headers: Mapping[str, str | None]) -> list[HeaderMatcher]:
    """Matchers for headers that must have a value, or (None) just be there."""
    return [
        HeaderMatcher(name=name, present_match=True)
        if value is None
        else HeaderMatcher(name=name, string_match=exact(value))
        for name, value in headers.items()
    ]


def set_headers(
    headers: Iterable[tuple[str, str]],
    action: HeaderValueOptionHeaderAppendAction = (
        HeaderValueOptionHeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
    ),
) -> list[HeaderValueOption]:
    """Header options; a value that its format leaves empty sets no header."""
    return [
        HeaderValueOption(header=HeaderValue(key=name, value=value), append_action=action)
        for name, value in headers
    ]


def set_if_absent(headers: Iterable[tuple[str, str]]) -> list[HeaderValueOption]:
    """Header options that leave a header alone that is there already."""
    return set_headers(headers, HeaderValueOptionHeaderAppendAction.ADD_IF_ABSENT)
