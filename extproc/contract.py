"""The names that Envoy's configuration and the Python server must agree on.

Internal headers carry a request's plan from ingress to the attempt listener. Ingress removes them
from what clients send, each model's cluster removes them from what providers receive.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, unquote

__all__ = [
    "ADAPTED",
    "AFFINITY",
    "ANOTHER_MAY",
    "ANSWER_WITHIN",
    "ATTEMPTS",
    "ATTEMPTS_CLUSTER",
    "ATTEMPT_COUNT",
    "ATTEMPT_LOG",
    "ATTEMPT_MARK",
    "ATTEMPT_TIMEOUT",
    "CACHE",
    "CANDIDATES",
    "CLIENT",
    "CLIENTS_HEADERS",
    "CLUSTER",
    "DEADLINE",
    "DECISION_PREFIX",
    "DOOR",
    "END",
    "ERROR",
    "ERROR_DETAILS",
    "ESTIMATED",
    "EXPECTED_INPUT",
    "EXPECTED_OUTPUT",
    "FAILOVER",
    "GATED",
    "GATE_TERMS",
    "HEADERS_WITHIN",
    "HEDGED",
    "HEDGES",
    "HURRIED",
    "IDLE",
    "INTERNAL_PREFIX",
    "LARGEST_ANSWER",
    "LIMIT",
    "LIMITED",
    "LIMITS",
    "LIMITS_OF_ATTEMPTS",
    "LIMITS_OF_REQUESTS",
    "LOGGED_WITHIN",
    "MADE",
    "MAX_COST",
    "MAX_RETRIES",
    "METADATA_NAMESPACE",
    "MODEL",
    "MODELS",
    "NO_ANSWER",
    "PATH",
    "PINNED",
    "PLAN",
    "RATE_LIMIT_HEADERS",
    "REPLY_DETAILS",
    "REPORTED",
    "REQUESTED_MODEL",
    "REQUEST_ID",
    "REQUEST_LOG",
    "REQUEST_TIMEOUT",
    "RESPONSE_FLAGS",
    "ROLE",
    "ROUTE",
    "SDK_DEADLINES",
    "SHADOW",
    "SHADOWS_CLUSTER",
    "SHADOW_ATTEMPT",
    "SKIPPED",
    "SPAN",
    "STREAMED",
    "SWITCH_SPEND",
    "TERMS",
    "TRACE_FLAGS",
    "TRACE_ID",
    "TRANSLATED",
    "TRANSLATION",
    "TURNED_AWAY",
    "UNGOVERNED",
    "UNREAD",
    "UNROUTED",
    "USAGE",
    "Role",
    "from_header",
    "header_safe",
]

DECISION_PREFIX = "/routing"
"""In front of an endpoint's path: answer with the decision, forward nothing."""

MODELS = "/models"
"""How the path of the list of models ends; behind a further slash, that of one model."""

ATTEMPTS_CLUSTER = "dragoman-attempts"
"""Envoy's own way from ingress to the attempt listener; what is in flight is counted there."""

SHADOWS_CLUSTER = "dragoman-shadows"
"""Envoy's own way for copies of requests: what is in flight there is waited for by nobody."""

INTERNAL_PREFIX = "x-dragoman-"
PLAN = "x-dragoman-plan"
CLUSTER = "x-dragoman-cluster"
CANDIDATES = "x-dragoman-candidates"
STREAMED = "x-dragoman-streamed"
SKIPPED = "x-dragoman-skipped"
"""For the access log: the candidates that the request could not be translated for, and why."""
PATH = "x-dragoman-path"
"""The path that the client asked for, without credentials; ``:path`` becomes the provider's."""
GATED = "x-dragoman-gated"
"""On an attempt: its stream is held until its first content. The value is the gate's terms."""
TERMS = "x-dragoman-terms"
"""How long the attempts of a request are waited for; see :mod:`extproc.worker.deadlines`."""
HEADERS_WITHIN = "x-dragoman-headers-within"
"""On an attempt: milliseconds until its response headers must be there."""
ANSWER_WITHIN = "x-dragoman-answer-within"
"""On an attempt: milliseconds until its answer must be complete."""
IDLE = "x-dragoman-idle"
"""Of a stream: milliseconds for which it may send nothing. Envoy has a route for each value."""
HURRIED = "x-dragoman-hurried"
"""On an attempt: it has less time than its model would get, for its client's time runs out."""
HEDGED = "x-dragoman-hedged"
"""On an attempt: others of its request may be under way at the same time, and one of them win."""
SHADOW = "x-dragoman-shadow"
"""Of a request that is copied: by which cluster its copy goes to the attempt listener."""
SHADOW_ATTEMPT = 0
"""The number of the attempt that the copy is: no other has it."""
FAILOVER = "x-dragoman-failover"
"""The number of the policy that says which errors move on; without it, the first one does."""
ADAPTED = "x-dragoman-adapted"
"""On an attempt: the first candidate needs more of the body changed than the model's name."""
TRANSLATED = "x-dragoman-translated"
"""On an attempt: its candidate does not speak the client's dialect."""

UNREAD = "x-dragoman-unread"
"""On an attempt: its answer is a file, which Envoy does not look into."""

UNGOVERNED = "x-dragoman-ungoverned"
"""On an attempt: it gives no model work to do, so that limits of models do not count it."""

EXPECTED_INPUT = "x-dragoman-expected-input"
EXPECTED_OUTPUT = "x-dragoman-expected-output"
"""How many tokens a request is expected to take, where there are limits of tokens: it is charged
what is expected where its answer tells no usage."""

REQUEST_ID = "x-dragoman-request-id"
"""The request's id, where the client's SDK looks for it in ``request-id``."""

ROUTE = "x-dragoman-route"
MODEL = "x-dragoman-model"
ATTEMPTS = "x-dragoman-attempts"
UNROUTED = "x-dragoman-unrouted"
"""These four are also response headers: the matched route, the model that answered, how many
attempts that took, and why a request was not classified."""

MAX_RETRIES = "x-envoy-max-retries"
"""How often Envoy's router may try again, whatever the route's retry policy says."""

REQUEST_TIMEOUT = "x-envoy-upstream-rq-timeout-ms"
ATTEMPT_TIMEOUT = "x-envoy-upstream-rq-per-try-timeout-ms"
"""How long Envoy's router waits: until an answer is complete, and until its headers are there.
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/router_filter"""

HEDGES = "x-envoy-hedge-on-per-try-timeout"
"""Whether Envoy's router, where ``ATTEMPT_TIMEOUT`` has passed, tries again without giving up what
it waits for: the first good answer counts."""

ATTEMPT_COUNT = "x-envoy-attempt-count"
"""Set by Envoy's router when the virtual host has ``include_request_attempt_count``."""

AFFINITY = "x-model-affinity"
"""The client's name for a session that is to stay with its model."""

CACHE = "x-plano-cache"
"""``off``: this request is in no session that no header names, and is not marked for a cache."""

SWITCH_SPEND = "x-plano-max-switch-spend-pct"
"""What the client lets its session spend on changing its model, in percent."""

DEADLINE = "x-dragoman-deadline-ms"
MAX_COST = "x-dragoman-max-cost"
CLIENTS_HEADERS = (DEADLINE, MAX_COST)
"""The headers of ours that clients may send: for how many milliseconds they wait for an answer, and
how many US dollars it may cost."""

SDK_DEADLINES = ("x-stainless-timeout", "x-stainless-read-timeout")
"""In these the SDKs of OpenAI and Anthropic tell how many seconds they wait for an answer."""

CLIENT = "x-dragoman-client"
"""The first half of the SHA-256 of the client's key, if it has one: Python learns no more of it."""

PINNED = "x-dragoman-pinned"
"""As a response header: the model is the session's."""

TRACE_ID = "x-dragoman-trace-id"
"""As a response header: what the decision record is found by."""

SPAN = "x-dragoman-span"
"""The id of the request's span; on an attempt, what that of the attempt's own span is cut from: the
attempt's number, ``ATTEMPT_MARK``, and the request's."""

ATTEMPT_MARK = "f"
"""A hexadecimal digit that no number has: an attempt's id cannot be taken for another one's."""

TRACE_FLAGS = "x-dragoman-trace-flags"
"""The last field of ``traceparent``: whether the request is sampled."""

TRANSLATION = "x-dragoman-translation"
"""As a response header: what the translation could not carry as the client wrote it."""

ANOTHER_MAY = "x-dragoman-another-may"
"""On an attempt's answer: why another candidate may take the request, as a code of the error, a
status or ``NO_ANSWER``. Ingress removes it."""

NO_ANSWER = "no_answer"
"""No provider has answered: Envoy or Python speaks in its place."""

LIMITED = "limited"
"""A value of ``ANOTHER_MAY``: a limit of ours is used up, and no provider has been asked."""

LIMIT = "x-dragoman-limit"
"""As a response header: the name of the limit that is used up."""

LIMITS = "dragoman.limits"
"""Where Envoy remembers which limits an attempt counts against, and whose they are."""

LIMITS_OF_REQUESTS = "dragoman.requests"
LIMITS_OF_ATTEMPTS = "dragoman.attempts"
"""The domains in which Envoy asks the rate limit service: at ingress, and before an attempt."""

RESPONSE_FLAGS = "x-dragoman-flags"
"""On an attempt's answer: Envoy's response flags, by which ingress knows that the connection was
lost. Ingress removes it."""

ESTIMATED = "x-dragoman-estimated"
"""As a response header: no provider has counted the tokens that this answer tells of."""

LARGEST_ANSWER = 128 * 1024 * 1024
"""Bytes: to read the tokens that an answer reports, Envoy collects it, unless it is streamed; one
that does not fit would fail."""

ERROR = "dragoman.error"
"""Where Envoy puts the ``code`` and the ``message`` of a provider's error."""

GATE_TERMS = "dragoman.gate"
"""Where Envoy remembers the gate's terms: the gate is told what stands there, under ``terms``."""

METADATA_NAMESPACE = "dragoman"
"""Where Envoy remembers what filters and the access log need of an attempt: model, request_id,
trace_id, attempt, path, upstream_path, streamed, hurried, translation; verdict is what was wrong
with an answer that was none."""

USAGE = "dragoman.usage"
"""Where Envoy puts the tokens that it reads from answers, under the keys of
:class:`extproc.dialects.dialect.TokenCount`."""

END = "dragoman.end"
"""Where Envoy puts what tells how a stream ended: see
:class:`extproc.dialects.endings.EndSign`. The translation may write there, too."""

MADE = "dragoman.made"
"""Where Envoy puts the ids of what a provider has made, by which later requests call it."""

REPORTED = "dragoman.reported"
"""Where Envoy puts what an answer says of itself: see :class:`extproc.dialects.reported.Report`."""

RATE_LIMIT_HEADERS = (
    "retry-after",
    "retry-after-ms",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
)
"""The response headers by which providers say for how long to leave them alone."""

ATTEMPT_LOG = "attempt"
REQUEST_LOG = "request"
LOGGED_WITHIN = 0.25
"""The names of the access logs that Envoy sends to the observer, of attempts and of requests; and
the seconds within which it sends all of them."""

ROLE = "x-dragoman-role"
"""gRPC metadata that tells the server in which role it is consulted."""

REPLY_DETAILS = "dragoman_reply"
"""How the response code details of answers begin that Python words itself: Envoy leaves their
bodies alone."""

ERROR_DETAILS = "ext_proc_error"
"""How the response code details of an ext_proc failure begin."""

TURNED_AWAY = "turned_away"
"""The key of ``METADATA_NAMESPACE`` under which the door of ingress says why it let nobody in."""

REQUESTED_MODEL = "requested_model"
"""The key of ``METADATA_NAMESPACE`` under which a worker says what a client calls a model that is
not found."""

DOOR = "door"
"""How the response code details of such a request begin, as the observer has them: Envoy's own say
no more than that a script has answered."""


_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


@lru_cache(maxsize=256)
def header_safe(name: str) -> str:
    """A name as it travels in headers, and as Envoy knows a model's cluster.

    What is not printable ASCII is percent-encoded as UTF-8.
    """
    return quote(name, safe=_PRINTABLE)


def from_header(value: str) -> str:
    """The name that ``header_safe`` made this value of."""
    return unquote(value)


class Role(StrEnum):
    """The places where Envoy consults Python; one of the first four is asked per request."""

    INGRESS = "ingress"
    MODELS = "models"
    BY_MODEL = "by-model"
    BY_ID = "by-id"
    ATTEMPT = "attempt"
    TRANSLATION = "translation"
    GATE = "gate"
