"""What an answer took in tokens where its provider has not told it: what Python has expected of the
request, within what the size of the answer allows.

An estimate is bounded from both sides, so that a long answer cannot pass for a usual one, and one
that its client left at once need not. Expressions (CEL) say it, for Envoy learns only at the end
whether the provider has told anything.

https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/advanced/attributes
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from extproc.bootstrap.cel import either, greater, lesser
from extproc.contract import END, EXPECTED_INPUT, EXPECTED_OUTPUT, LIMITS
from extproc.dialects.endings import EndSign
from extproc.dialects.table import DIALECTS
from extproc.envoy_api.messages import ConfigKeyValuePair, ConfigRule, ConfigValueType

__all__ = ["INPUT_ESTIMATE", "IS_CUT_SHORT", "OUTPUT_ESTIMATE", "expectations_remembered"]

_FEWEST_BYTES: Final = 4
"""Bytes of an answer to a token, at least: those of English text alone."""
_MOST_BYTES: Final = 300
"""Bytes of an answer to a token, at most: those of a chunk of chat completions for each."""

_KEYS: Final = MappingProxyType(
    {EXPECTED_INPUT: "expected input", EXPECTED_OUTPUT: "expected output"}
)

_REMEMBERED: Final = f"metadata.filter_metadata['{LIMITS}']"
_HAS_BEGUN: Final = "response.size > 0 && response.code >= 200 && response.code < 300"


def expectations_remembered() -> Iterator[ConfigRule]:
    """The rules by which Envoy remembers what is expected, under ``LIMITS``."""
    for header, key in _KEYS.items():
        number = ConfigKeyValuePair(metadata_namespace=LIMITS, key=key, type=ConfigValueType.NUMBER)
        yield ConfigRule(header=header, on_header_present=number)


def _expected(header: str) -> str:
    return f"int({_REMEMBERED}['{_KEYS[header]}'])"


def _estimate(header: str, tokens: str) -> str:
    """Nothing of an answer that has not begun, and where nothing is expected."""
    is_expected = f"'{LIMITS}' in metadata.filter_metadata && '{_KEYS[header]}' in {_REMEMBERED}"
    return either(f"{_HAS_BEGUN} && {is_expected}", tokens, "0")


INPUT_ESTIMATE: Final = _estimate(EXPECTED_INPUT, _expected(EXPECTED_INPUT))
OUTPUT_ESTIMATE: Final = _estimate(
    EXPECTED_OUTPUT,
    greater(
        f"response.size / {_MOST_BYTES}",
        lesser(f"response.size / {_FEWEST_BYTES}", _expected(EXPECTED_OUTPUT)),
    ),
)

_LAST_EVENTS: Final = sorted(
    {event for row in DIALECTS.values() for event in (*row.finished, *row.failed)}
)
_NOTICED: Final = f"metadata.filter_metadata['{END}']"

IS_CUT_SHORT: Final = (
    f"'{END}' in metadata.filter_metadata && '{EndSign.LAST}' in {_NOTICED}"
    f" && !({_NOTICED}['{EndSign.LAST}'] in {_LAST_EVENTS})"
)
"""Whether a stream whose events have types has not come to its end. Those of messages begin by
telling the input and the first of the output, which is all that one that is left has told."""
