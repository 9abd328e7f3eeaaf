"""Limits, as Envoy keeps them: by its rate limit service, which workers are, or by its own buckets.

The service is asked at ingress, once a request is decided, and before each attempt at a limited
model; what tokens an answer took it is told when the attempt is over. By then the model's cluster
has removed our headers, so what a limit goes by is remembered as metadata. A limit is one
descriptor, which begins with the limit's name, so that another rate limit service could tell it.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rate_limit_filter
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from extproc.bootstrap.limit_names import HEADERS, one_of
from extproc.bootstrap.local_limits import bucket
from extproc.bootstrap.processors import ROUTER_CLUSTER
from extproc.bootstrap.token_counts import tokens_of
from extproc.bootstrap.token_estimates import expectations_remembered
from extproc.bootstrap.typed import http_filter, seconds
from extproc.contract import (
    ATTEMPT_COUNT,
    LIMITS,
    LIMITS_OF_ATTEMPTS,
    LIMITS_OF_REQUESTS,
    SHADOW_ATTEMPT,
    UNGOVERNED,
)
from extproc.core.config import Config
from extproc.core.counting import OnStoreFailure
from extproc.core.rate_limit_words import LIMIT_ENTRY, WHO_ENTRY
from extproc.core.rate_limits import ABSENT, RateLimit
from extproc.envoy_api.messages import (
    ApiVersion,
    ConfigKeyValuePair,
    ConfigRule,
    GrpcService,
    GrpcServiceEnvoyGrpc,
    HeaderToMetadata,
    HttpFilter,
    HttpStatus,
    MetadataKey,
    MetadataKeyPathSegment,
    RateLimitFilter,
    RateLimitServiceConfig,
    RegexMatchAndSubstitute,
    RegexMatcher,
    StatusCode,
)
from extproc.envoy_api.messages import RateLimitAction as Action
from extproc.envoy_api.messages import RateLimitActionGenericKey as GenericKey
from extproc.envoy_api.messages import RateLimitActionMetaData as FromMetadata
from extproc.envoy_api.messages import RateLimitActionMetaDataSource as Source
from extproc.envoy_api.messages import RateLimitDescriptor as Descriptor
from extproc.envoy_api.messages import RateLimitHitsAddend as Hits

__all__ = ["attempt_limits", "ingress_limits"]

_PATIENCE: Final = 3.0
"""Seconds: a worker gives the store of counters half of one; one that hangs is noticed in two."""
_GOVERNED: Final = "governed"
_CLIENTS: Final = "attempt for a client"


def ingress_limits(config: Config) -> list[HttpFilter]:
    """The filters that keep the limits of requests, whatever model is to serve them."""
    limits = [limit for limit in config.rate_limits if not limit.is_of_models]
    shared = [limit for limit in limits if not limit.is_local]
    own = [bucket(limit) for limit in limits if limit.is_local]
    if not shared:
        return own
    asked = [_descriptor(limit, checks=limit.counts_tokens) for limit in shared]
    return [_remembered(shared), *own, _service(config, LIMITS_OF_REQUESTS, asked)]


def attempt_limits(config: Config) -> list[HttpFilter]:
    """The filters that keep the limits of models, and charge the tokens of every limit."""
    own = [bucket(each) for each in config.rate_limits if each.is_of_models and each.is_local]
    shared = [each for each in config.rate_limits if not each.is_local]
    asked = [_descriptor(each, checks=each.counts_tokens) for each in shared if each.is_of_models]
    charged = [_charge(each) for each in shared if each.counts_tokens]
    if not asked and not charged:
        return own
    remembered = _remembered(shared, expectations_remembered() if charged else ())
    return [remembered, *own, _service(config, LIMITS_OF_ATTEMPTS, [*asked, *charged])]


def _service(config: Config, domain: str, descriptors: Sequence[Descriptor]) -> HttpFilter:
    on_failure = None if config.counters is None else config.counters.on_failure
    return http_filter(
        "envoy.filters.http.ratelimit",
        RateLimitFilter(
            domain=domain,
            timeout=seconds(_PATIENCE),
            failure_mode_deny=on_failure is OnStoreFailure.CLOSED,
            status_on_error=HttpStatus(code=StatusCode.ServiceUnavailable),
            disable_x_envoy_ratelimited_header=True,
            rate_limit_service=RateLimitServiceConfig(
                grpc_service=GrpcService(
                    envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=ROUTER_CLUSTER)
                ),
                transport_api_version=ApiVersion.V3,
            ),
            rate_limits=list(descriptors),
        ),
    )


def _descriptor(limit: RateLimit, *, checks: bool) -> Descriptor:
    """What is asked before a request goes on: one more request, or whether any tokens are left."""
    hits = Hits(number=0) if checks else None
    return Descriptor(actions=list(_actions(limit)), hits_addend=hits)


def _charge(limit: RateLimit) -> Descriptor:
    """What is told when an attempt is over: the tokens that it took. What a shadow takes counts for
    its model, and for no client."""
    if limit.is_of_models:
        actions = [*_actions(limit)]
    else:
        actions = [*_actions(limit), _remembered_as(_GOVERNED), _remembered_as(_CLIENTS)]
    return Descriptor(
        actions=actions,
        hits_addend=Hits(format=tokens_of(limit.counts)),
        apply_on_stream_done=True,
    )


def _actions(limit: RateLimit) -> Iterator[Action]:
    """One that finds nothing makes no descriptor: then the request does not count."""
    yield Action(generic_key=GenericKey(descriptor_key=LIMIT_ENTRY, descriptor_value=limit.name))
    for kind, names in (("model", limit.models), ("route", limit.routes)):
        if names:
            yield _remembered_as(f"{kind} of {limit.name}", kind)
    if limit.is_of_models:
        yield _remembered_as(_GOVERNED)
    if limit.per is not None:
        absent = ABSENT if limit.per.absent_too and limit.per.value is None else ""
        yield _remembered_as(_who(limit), WHO_ENTRY, absent)


def _remembered_as(key: str, entry: str | None = None, absent: str = "") -> Action:
    return Action(
        metadata=FromMetadata(
            descriptor_key=entry or key,
            metadata_key=MetadataKey(key=LIMITS, path=[MetadataKeyPathSegment(key=key)]),
            source=Source.DYNAMIC,
            default_value=absent,
        )
    )


def _remembered(limits: Iterable[RateLimit], more: Iterable[ConfigRule] = ()) -> HttpFilter:
    """Remembers what limits go by: the model or the route, where a limit is of it, and whose
    request it is; and what ``more`` rules say."""
    governed = ConfigKeyValuePair(metadata_namespace=LIMITS, key=_GOVERNED, value="1")
    rules = [
        ConfigRule(header=UNGOVERNED, on_header_missing=governed),
        _if_value(ATTEMPT_COUNT, f"[^{SHADOW_ATTEMPT}].*", _CLIENTS),
        *more,
    ]
    for limit in limits:
        for kind, names in (("model", limit.models), ("route", limit.routes)):
            if names:
                rules.append(_if_one_of(HEADERS[kind], names, f"{kind} of {limit.name}"))
        if limit.per is not None and limit.per.value is not None:
            rules.append(_if_value(limit.per.header, re.escape(limit.per.value), _who(limit)))
        elif limit.per is not None:
            said = ConfigKeyValuePair(metadata_namespace=LIMITS, key=_who(limit))
            rules.append(ConfigRule(header=limit.per.header, on_header_present=said))
    return http_filter(
        "envoy.filters.http.header_to_metadata",
        HeaderToMetadata(request_rules=list({repr(rule): rule for rule in rules}.values())),
    )


def _who(limit: RateLimit) -> str:
    per = limit.per
    if per is None:
        return ""
    return per.header if per.value is None else f"{per.header} of {limit.name}"


def _if_one_of(header: str, names: Iterable[str], key: str) -> ConfigRule:
    return _if_value(header, one_of(names), key)


def _if_value(header: str, expression: str, key: str) -> ConfigRule:
    """Remembers a header's value that the expression matches; an empty value is none to Envoy."""
    pair = ConfigKeyValuePair(
        metadata_namespace=LIMITS,
        key=key,
        regex_value_rewrite=RegexMatchAndSubstitute(
            pattern=RegexMatcher(regex=f"^(?:({expression})|.*)$"), substitution=r"\1"
        ),
    )
    return ConfigRule(header=header, on_header_present=pair)
