"""The filter next to the provider: what is no answer becomes a 502, whatever its status says.

SDKs make a silent, empty success of a page of HTML, of half a document or of an error with status
200, and follow redirects with the client's request. It is a script, for no filter of Envoy's looks
at the beginning of a body. It stands before all that reads answers (translation, gate, tokens, the
access log), so that to these a provider has failed. Whole answers are collected here, as they would
be for their tokens; of streams only the headers are seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extproc.bootstrap import lua
from extproc.contract import ANOTHER_MAY, METADATA_NAMESPACE, NO_ANSWER, REPORTED
from extproc.dialects.reported import Report
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS, ENDPOINTS
from extproc.envoy_api.messages import HttpFilter
from extproc.errors import ClientError

__all__ = ["JUDGE", "judge", "script"]

JUDGE: Final = "dragoman.judge"
_PLACE: Final = "the message goes here"


def script(*, traced: bool) -> str:
    """The script that Envoy runs on each answer of a provider.

    Args:
        traced: whether to note why chat completions ended, which only spans tell.
    """
    settings: dict[str, lua.Value] = {
        "namespace": METADATA_NAMESPACE,
        "another_may": ANOTHER_MAY,
        "no_answer": NO_ANSWER,
        "endpoints": dict.fromkeys(ENDPOINTS, True),
        "forms": list(_forms()),
    }
    if traced:
        settings |= {"reported": REPORTED, "finish_reasons": Report.FINISH_REASONS.value}
    return f"local settings = {lua.literal(settings)}\n{lua.source('judge')}"


def _forms() -> Iterator[dict[str, str]]:
    """How a dialect words an error, before and behind its message; the first is for all paths that
    have none of their own. The attempt's dialect is the provider's: what is translated is later."""
    default = DIALECTS[DEFAULT_DIALECT]
    apart = [row for row in DIALECTS.values() if row.errors is not default.errors]
    for row in (default, *apart):
        told = row.errors.body(ClientError(502, _PLACE, code=NO_ANSWER)).decode()
        before, _, after = told.partition(_PLACE)
        yield {"ending": row.path_ending, "before": before, "after": after}


def judge(*, traced: bool) -> HttpFilter:
    """The filter; see :func:`script`."""
    return lua.filter_of(script(traced=traced), JUDGE)
