"""What guards are shown of requests at paths that are no endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from extproc.core.aside import Aside
from extproc.dialects.api_paths import ApiPath
from extproc.guards.guard import GuardedRequest
from extproc.guards.requests import RequestGuards

__all__ = ["see_file", "shown_at"]


def shown_at(
    path: ApiPath, body: bytes, headers: Mapping[str, str], aside: Aside
) -> GuardedRequest:
    """A request as its guards are shown it.

    Args:
        path: where it was sent.
        body: its body; empty where that is not looked at.
        headers: its headers.
        aside: where large bodies are gone through.
    """
    request_id = headers.get("x-request-id", "")
    return GuardedRequest(path.path, path.spoken, body, headers, request_id, aside)


def see_file(guards: RequestGuards, path: ApiPath) -> None:
    """See whether a request may pass whose answer is a file.

    Raises:
        ClientError: it may not, for the file cannot be looked at (400).
    """
    if guards.look_at_answers and path.is_file:
        guards.unseen(f"The file that {path.path} answers with")
