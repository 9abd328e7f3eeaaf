"""Errors that move on although Envoy's retry policy cannot see it by their status alone.

A provider that answers 400 usually means the request, and another model would say the same. Some
codes mean that this model does not take what was asked (too long a conversation, a parameter): the
next candidate may. A 401 is about a provider's key, unless that is the client's. And what Envoy or
Python says in a provider's place is no answer at all. Envoy finds out all three, so that no answer
passes Python for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extproc.bootstrap.on_failure import on_failure
from extproc.bootstrap.typed import http_filter, regex, set_headers
from extproc.contract import ANOTHER_MAY, ERROR, LIMITED, NO_ANSWER, header_safe
from extproc.core.config import Config
from extproc.core.failover import FailoverPolicy, signs_of
from extproc.core.outcomes import KEY_STATUSES
from extproc.core.own_replies import USED_UP
from extproc.envoy_api.messages import (
    HeaderMatcher,
    HeaderMutation,
    HeaderMutationStep,
    HttpFilter,
    Mutations,
)

__all__ = ["another_may", "by_status", "told_refusals"]

_LIMITED = f"response.code_details in [{', '.join(map(repr, USED_UP))}]"
_MADE_HERE = "response.code >= 500 && response.code_details != 'via_upstream'"


def _quoted(values: Iterable[str]) -> str:
    return ", ".join("'{}'".format(value.replace("'", r"\'")) for value in values)


def _means(code: str) -> str:
    """Whether an error is what a policy calls by this code."""
    error = f"metadata.filter_metadata['{ERROR}']"
    signs = signs_of(code)
    said = [f"{error}['message'].contains('{words}')" for words in signs.messages]
    by_code = f"('code' in {error} && {error}['code'] in [{_quoted(signs.codes)}])"
    by_message = f"('message' in {error} && ({' || '.join(said)}))"
    return f"({by_code} || {by_message})" if said else by_code


def _expression(codes: Iterable[str], clients_keys: Sequence[str], *, limited: bool) -> str:
    """In CEL, so that no word of a provider's becomes a header; an empty one sets none."""
    told = f"response.code < 500 && '{ERROR}' in metadata.filter_metadata"
    cases = [(_MADE_HERE, NO_ANSWER)]
    if limited:
        cases.append((_LIMITED, LIMITED))
    cases += [(f"{told} && {_means(code)}", code) for code in codes]
    if clients_keys:
        cases.append((f"xds.cluster_name in [{_quoted(clients_keys)}]", ""))
    cases += [(f"response.code == {status}", str(status)) for status in KEY_STATUSES]
    return "".join(f"{case} ? '{reason}' : " for case, reason in cases) + "''"


def told_refusals(config: Config) -> HttpFilter:
    """Tells ingress, in a header of the answer, why another candidate may take the request.

    It stands first in its listener: filters see answers in reverse order, and this one must see
    what the others have read.
    """
    codes = sorted({code for policy in config.failover_policies for code in policy.codes})
    clients_keys = [
        header_safe(model.cluster) for model in config.models if model.client_key is not None
    ]
    expression = _expression(codes, clients_keys, limited=bool(config.rate_limits))
    (option,) = set_headers([(ANOTHER_MAY, f"%CEL({expression})%")])
    step = HeaderMutationStep(append=option)
    return on_failure(
        http_filter(
            "envoy.filters.http.header_mutation",
            HeaderMutation(mutations=Mutations(response_mutations=[step])),
        )
    )


def another_may(policy: FailoverPolicy, *, limited: bool = False) -> HeaderMatcher:
    """By what ingress knows an answer that moves on.

    Args:
        policy: says what does.
        limited: whether there are limits: a limited model always gives way to the next one.
    """
    ours = (NO_ANSWER, LIMITED) if limited else (NO_ANSWER,)
    keys = (str(status) for status in KEY_STATUSES if status in policy.statuses)
    return HeaderMatcher(
        name=ANOTHER_MAY, string_match=regex("|".join((*ours, *keys, *policy.codes)))
    )


def by_status(policy: FailoverPolicy) -> list[int]:
    """The statuses that move on whoever's key it is."""
    return [status for status in policy.statuses if status not in KEY_STATUSES]
