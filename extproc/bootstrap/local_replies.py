"""Envoy's own replies (413, 503, 504, …) in the dialect that the client speaks.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extproc.bootstrap.no_connection import Cause
from extproc.bootstrap.reply_words import IN_OUR_WORDS, OF_LIMITS, ROUTER_FAILED, Reply
from extproc.bootstrap.typed import any_of, regex, set_if_absent
from extproc.contract import METADATA_NAMESPACE, REPLY_DETAILS
from extproc.dialects.dialect import DialectSpec
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS
from extproc.envoy_api.messages import (
    AccessLogFilter,
    AndFilter,
    ComparisonFilter,
    ComparisonFilterOp,
    ExpressionFilter,
    ExtensionFilter,
    HeaderFilter,
    HeaderMatcher,
    LocalReplyConfig,
    ResponseMapper,
    RuntimeUInt32,
    StatusCodeFilter,
    SubstitutionFormatString,
)

__all__ = ["local_replies"]

_ANY_STATUS = 100
_REQUEST_ID = "x-request-id"
_ENVOYS_STATUSES = {500: (502, 503, 504), 400: (401, 403, 408, 413, 429, 431)}
"""Statuses that Envoy's own replies have, by the status that stands for their class. A dialect may
have a word of its own for some of them."""

_CLIENTS_PATH = f"metadata.filter_metadata['{METADATA_NAMESPACE}']['path']"
_ENVOYS_WORDS = "%LOCAL_REPLY_BODY%"
_ENVOYS_OWN = (
    'response.code_details != "direct_response" && '
    f'!response.code_details.startsWith("{REPLY_DETAILS}")'
)


def _when(expression: str) -> AccessLogFilter:
    return AccessLogFilter(
        extension_filter=ExtensionFilter(
            name="envoy.access_loggers.extension_filters.cel",
            typed_config=any_of(ExpressionFilter(expression=expression)),
        )
    )


def _pattern(row: DialectSpec) -> str:
    return rf".*{re.escape(row.path_ending)}([/?].*)?"


def _path(row: DialectSpec, *, other: bool = False) -> AccessLogFilter:
    """Paths of the dialect's endpoint and below it, on both listeners; or all other paths."""
    return AccessLogFilter(
        header_filter=HeaderFilter(
            header=HeaderMatcher(
                name=":path",
                string_match=regex(_pattern(row)),
                invert_match=other,
                treat_missing_header_as_empty=True,
            )
        )
    )


def _asked(row: DialectSpec | None = None) -> AccessLogFilter:
    """Requests whose client asked on the paths of this dialect, or of any, as the attempt listener
    remembers: by the time of a reply, the plan has been taken off."""
    pattern = ".*" if row is None else _pattern(row)
    return _when(f'{_CLIENTS_PATH}.matches("^{pattern}$")')


def _status(op: ComparisonFilterOp, status: int) -> AccessLogFilter:
    value = RuntimeUInt32(default_value=status, runtime_key=f"dragoman.local_reply.{status}")
    return AccessLogFilter(
        status_code_filter=StatusCodeFilter(comparison=ComparisonFilter(op=op, value=value))
    )


@dataclass(frozen=True, slots=True)
class _Listener:
    """What a listener says in its own replies: see :func:`local_replies`."""

    who_failed: str
    headers: tuple[tuple[str, str], ...]
    causes: tuple[Cause, ...]
    replies: tuple[Reply, ...]
    translated: bool

    def mappers(self) -> Iterator[ResponseMapper]:
        """The first that fits counts. Dialects that word errors alike need no telling apart."""
        default = DIALECTS[DEFAULT_DIALECT]
        apart = [row for row in DIALECTS.values() if row.errors is not default.errors]
        if self.translated:
            for row in apart:
                yield from self._untranslated(row, _asked(row))
            yield from self._untranslated(default, _asked())
        for row in apart:
            yield from self._worded(row, [_path(row)])
        yield from self._worded(default, [_path(row, other=True) for row in apart])

    def _untranslated(self, row: DialectSpec, clients: AccessLogFilter) -> Iterator[ResponseMapper]:
        """The replies that pass no translation, where paths tell the provider's dialect."""
        mapper = self._mapper(
            row, [_when(ROUTER_FAILED.when), clients], ROUTER_FAILED.status, ROUTER_FAILED.message
        )
        mapper.status_code = ROUTER_FAILED.status
        yield mapper
        for cause in self.causes:
            if cause.begun:
                yield self._caused(row, cause, [clients])

    def _caused(
        self, row: DialectSpec, cause: Cause, filters: Sequence[AccessLogFilter]
    ) -> ResponseMapper:
        known = _when(f'response.code_details.contains("{cause.details}")')
        return self._mapper(row, [known, *filters], 503, f"{self.who_failed}: {cause.words}")

    def _worded(
        self, row: DialectSpec, paths: Sequence[AccessLogFilter]
    ) -> Iterator[ResponseMapper]:
        """The replies on some paths. A status that has a word of its own precedes its class."""
        errors = row.errors
        for reply in self.replies:
            mapper = self._mapper(row, [_when(reply.when), *paths], reply.status, reply.message)
            mapper.status_code = reply.status
            yield mapper
        for cause in self.causes:
            yield self._caused(row, cause, paths)
        envoys = _when(_ENVOYS_OWN)
        server_side = f"{self.who_failed}: {_ENVOYS_WORDS}"
        for least, message in ((500, server_side), (400, _ENVOYS_WORDS)):
            for status in _ENVOYS_STATUSES[least]:
                if errors.type_of(status) != errors.type_of(least):
                    exactly = _status(ComparisonFilterOp.EQ, status)
                    yield self._mapper(row, [envoys, exactly, *paths], status, message)
            at_least = _status(ComparisonFilterOp.GE, least)
            yield self._mapper(row, [envoys, at_least, *paths], least, message)
        if self.headers:
            yield self._mapper(row, [_status(ComparisonFilterOp.GE, _ANY_STATUS), *paths])

    def _mapper(
        self,
        row: DialectSpec,
        filters: Sequence[AccessLogFilter],
        status: int = 0,
        message: str | None = None,
    ) -> ResponseMapper:
        """Without a message, the reply keeps the words that it has."""
        body = None
        if message is not None:
            document = row.errors.local_reply(row.errors.type_of(status), message)
            body = SubstitutionFormatString(json_format=document)
        return ResponseMapper(
            filter=AccessLogFilter(and_filter=AndFilter(filters=list(filters))),
            body_format_override=body,
            headers_to_add=set_if_absent(self._told(row)),
        )

    def _told(self, row: DialectSpec) -> Iterator[tuple[str, str]]:
        yield from self.headers
        if self.headers and row.id_header not in dict(self.headers):
            yield row.id_header, f"%REQ({_REQUEST_ID})%"


def local_replies(
    who_failed: str,
    headers: Iterable[tuple[str, str]] = (),
    causes: Iterable[Cause] = (),
    *,
    limited: bool = False,
    translated: bool = False,
) -> LocalReplyConfig:
    """What a listener does with a reply that Envoy makes itself.

    Args:
        who_failed: the beginning of a sentence that ends in Envoy's reason for a 5xx; it may hold
            Envoy's command operators.
        headers: response headers that such a reply gets, and Python's too, where it lacks them.
        causes: what ends that sentence instead, where Envoy's details tell it.
        limited: whether Envoy keeps limits here.
        translated: whether paths are providers' here, which may speak another dialect.
    """
    replies = (*IN_OUR_WORDS, *OF_LIMITS) if limited else IN_OUR_WORDS
    listener = _Listener(who_failed, tuple(headers), tuple(causes), replies, translated)
    return LocalReplyConfig(mappers=list(listener.mappers()))
