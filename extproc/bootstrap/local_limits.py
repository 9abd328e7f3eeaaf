"""Limits that an Envoy keeps all by itself, in a bucket that fills again with time.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/local_rate_limit_filter
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from extproc.bootstrap.limit_names import HEADERS, one_of
from extproc.bootstrap.typed import http_filter, literal, regex, seconds, set_headers
from extproc.contract import UNGOVERNED
from extproc.core.rate_limit_words import LIMIT_ENTRY, refusing_headers
from extproc.core.rate_limits import RateLimit
from extproc.envoy_api.messages import (
    FractionalPercent,
    HeaderMatcher,
    HttpFilter,
    LocalRateLimit,
    LocalRateLimitDescriptor,
    RateLimitDescriptorEntry,
    RuntimeFractionalPercent,
    TokenBucket,
)
from extproc.envoy_api.messages import RateLimitAction as Action
from extproc.envoy_api.messages import RateLimitActionHeaderValueMatch as HeaderMatch
from extproc.envoy_api.messages import RateLimitDescriptor as Descriptor

__all__ = ["bucket"]

_ALL: Final = RuntimeFractionalPercent(default_value=FractionalPercent(numerator=100))
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400, "month": 30 * 86_400}


def bucket(limit: RateLimit) -> HttpFilter:
    """The filter of one limit; each has its own, so that an answer can say which it was."""
    described = RateLimitDescriptorEntry(key=LIMIT_ENTRY, value=limit.name)
    period = _SECONDS[limit.window]
    return http_filter(
        "envoy.filters.http.local_ratelimit",
        LocalRateLimit(
            stat_prefix="limit",
            filter_enabled=_ALL,
            filter_enforced=_ALL,
            response_headers_to_add=set_headers(
                literal(refusing_headers(limit, math.ceil(period / limit.most)))
            ),
            rate_limits=[
                Descriptor(
                    actions=[
                        Action(
                            header_value_match=HeaderMatch(
                                descriptor_key=LIMIT_ENTRY,
                                descriptor_value=limit.name,
                                headers=list(_matchers(limit)),
                            )
                        )
                    ]
                )
            ],
            descriptors=[
                LocalRateLimitDescriptor(
                    entries=[described],
                    token_bucket=TokenBucket(
                        max_tokens=limit.most,
                        tokens_per_fill=limit.most,
                        fill_interval=seconds(period),
                    ),
                )
            ],
        ),
    )


def _matchers(limit: RateLimit) -> Iterator[HeaderMatcher]:
    for kind, names in (("model", limit.models), ("route", limit.routes)):
        if names:
            yield HeaderMatcher(name=HEADERS[kind], string_match=regex(one_of(names)))
    if limit.is_of_models:
        yield HeaderMatcher(name=UNGOVERNED, present_match=True, invert_match=True)
    elif not limit.routes:
        yield HeaderMatcher(name=":path", present_match=True)
