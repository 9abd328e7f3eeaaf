"""Errors that are about the model and not about the request: they move on, although they say 400.

A provider that answers 400 usually means the request, and another model would say the same. Some
codes mean that this model does not take what was asked (too long a conversation, a parameter): the
next candidate may. Envoy reads the code out of the error, so that no answer passes Python for it.
"""

from __future__ import annotations

from envoy_data_plane.envoy.config.common.mutation_rules.v3 import (
    HeaderMutation as HeaderMutationStep,
)
from envoy_data_plane.envoy.config.route.v3 import HeaderMatcher
from envoy_data_plane.envoy.extensions.filters.http.header_mutation.v3 import (
    HeaderMutation,
    Mutations,
)
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.type.matcher.v3 import StringMatcher

from extproc.bootstrap.typed import http_filter, set_headers
from extproc.contract import ANOTHER_MAY, ERROR
from extproc.core.outcomes import MODELS_OWN_CODES, MODELS_OWN_MESSAGES

__all__ = ["another_may", "told_refusals"]

_YES = "true"


def _expression() -> str:
    """In CEL, so that no word of a provider's becomes a header."""
    error = f"metadata.filter_metadata['{ERROR}']"
    codes = ", ".join(f"'{code}'" for code in MODELS_OWN_CODES)
    messages = " || ".join(f"{error}['message'].contains('{said}')" for said in MODELS_OWN_MESSAGES)
    known = f"'{ERROR}' in metadata.filter_metadata"
    by_code = f"('code' in {error} && {error}['code'] in [{codes}])"
    by_message = f"('message' in {error} && ({messages}))"
    return f"response.code == 400 && {known} && ({by_code} || {by_message})"


def told_refusals() -> HttpFilter:
    """Tells ingress, in a header of the answer, that another candidate may take the request.

    It stands first in its listener: filters see answers in reverse order, and this one must see
    what the others have read.
    """
    (option,) = set_headers([(ANOTHER_MAY, f"%CEL({_expression()})%")])
    step = HeaderMutationStep(append=option)
    return http_filter(
        "envoy.filters.http.header_mutation",
        HeaderMutation(mutations=Mutations(response_mutations=[step])),
    )


def another_may() -> HeaderMatcher:
    """By what ingress knows such an answer."""
    return HeaderMatcher(name=ANOTHER_MAY, string_match=StringMatcher(exact=_YES))
