"""Filters that only failures need.

Nearly all answers are successes, and a script that finds out no more than that costs each of them
10 µs. Envoy knows an answer's status by itself, and passes such a filter by.
"""

from __future__ import annotations

from extproc.bootstrap.typed import any_of, http_filter
from extproc.envoy_api.messages import (
    ExtensionWithMatcher,
    HttpFilter,
    HttpResponseStatusCodeClassMatchInput,
    Matcher,
    MatcherMatcherTree,
    MatcherPart,
    SkipFilter,
    TypedExtensionConfig,
)
from extproc.envoy_api.messages import MatcherMatcherTreeMatchMap as MatchMap
from extproc.envoy_api.messages import MatcherOnMatch as OnMatch

__all__ = ["on_failure"]

_SUCCESSES = ("2xx", "3xx")


def on_failure(inner: HttpFilter) -> HttpFilter:
    """The filter, for answers whose status is 400 or more where they come to it.

    Its name stays; what it does to requests is done to all.
    https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/common/matching/v3/extension_matcher.proto
    """
    status = MatcherPart(
        name="status", typed_config=any_of(HttpResponseStatusCodeClassMatchInput())
    )
    passed_by = OnMatch(action=MatcherPart(name="skip", typed_config=any_of(SkipFilter())))
    classes = MatchMap(map=dict.fromkeys(_SUCCESSES, passed_by))
    return http_filter(
        inner.name,
        ExtensionWithMatcher(
            extension_config=TypedExtensionConfig(name=inner.name, typed_config=inner.typed_config),
            xds_matcher=Matcher(
                matcher_tree=MatcherMatcherTree(input=status, exact_match_map=classes)
            ),
        ),
    )
