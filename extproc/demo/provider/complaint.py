"""What a provider says when it does not serve a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Complaint"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error as its dialect words it.

    Attributes:
        message: for people.
        status: the HTTP status.
        type: the provider's own name of the class of error; None leaves it to the status.
        code: the provider's own code; only OpenAI's dialects have one.
        param: the member that is wrong, as OpenAI spells places (``messages[0].content``).
        details: what Anthropic tells programs besides.
    """

    message: str
    status: int = 400
    type: str | None = None
    code: str | None = None
    param: str | None = None
    details: Mapping[str, str] | None = None
