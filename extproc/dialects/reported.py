"""What an answer says of itself: which model made it, and why that one stopped.

https://platform.openai.com/docs/api-reference/responses/object and
https://platform.claude.com/docs/en/api/messages. Chat completions have the latter in a list, which
Envoy's readers of JSON do not look into: a script does, of whole answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["REPORTED_PATHS", "Report", "finish_reasons"]


class Report(StrEnum):
    """What is read, each under the key by which Envoy passes it on."""

    MODEL = "model"
    STOP_REASON = "stop_reason"
    STATUS = "status"
    INCOMPLETE = "incomplete"
    """Why an answer is not complete, where its status says no more than that."""
    FINISH_REASONS = "finish_reasons"
    """Of each choice of a chat completion, with commas between them."""


REPORTED_PATHS: Final[Mapping[Report, tuple[str, ...]]] = MappingProxyType(
    {
        Report.MODEL: ("model", "response.model", "message.model"),
        Report.STOP_REASON: ("stop_reason", "delta.stop_reason"),
        Report.STATUS: ("status", "response.status"),
        Report.INCOMPLETE: ("incomplete_details.reason", "response.incomplete_details.reason"),
    }
)
"""Where answers, and events of streams, say so: names of members with dots between. The last event
that says something counts."""


def finish_reasons(reported: Mapping[str, str]) -> tuple[str, ...]:
    """Why the model stopped, in its provider's words; empty if that is not known.

    Args:
        reported: what was read of an answer, by :class:`Report`.
    """
    if choices := reported.get(Report.FINISH_REASONS):
        return tuple(choices.split(","))
    kinds = (Report.STOP_REASON, Report.INCOMPLETE, Report.STATUS)
    found = next((reported[kind] for kind in kinds if reported.get(kind)), None)
    return () if found is None else (found,)
