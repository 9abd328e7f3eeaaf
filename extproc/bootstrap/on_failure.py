"""Filters that only failures need.

Nearly all answers are successes, and a script that finds out no more than that costs each of them
10 µs. Envoy knows an answer's status by itself, and passes such a filter by.
"""

from __future__ import annotations

from envoy_data_plane.envoy.config.core.v3 import TypedExtensionConfig
from envoy_data_plane.envoy.extensions.common.matching.v3 import ExtensionWithMatcher
from envoy_data_plane.envoy.extensions.filters.common.matcher.action.v3 import SkipFilter
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.type.matcher.v3 import HttpResponseStatusCodeClassMatchInput
from envoy_data_plane.xds.core.v3 import TypedExtensionConfig as MatcherPart
from envoy_data_plane.xds.type.matcher.v3 import Matcher, MatcherMatcherTree
from envoy_data_plane.xds.type.matcher.v3 import MatcherMatcherTreeMatchMap as MatchMap
from envoy_data_plane.xds.type.matcher.v3 import MatcherOnMatch as OnMatch

from extproc.bootstrap.typed import any_of, http_filter

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
