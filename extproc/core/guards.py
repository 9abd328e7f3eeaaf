"""Guards: what is configured of each, and what one has said of a request or of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from extproc.core.injection import InjectionRules
from extproc.core.pii import PiiRules

__all__ = [
    "NOTHING",
    "Findings",
    "GuardReport",
    "GuardSettings",
    "GuardVerdict",
    "HttpFilter",
    "McpFilter",
    "OnFailure",
    "Side",
    "Unguarded",
    "Verdict",
]


class OnFailure(StrEnum):
    """What becomes of a request, or of an answer, that its guard could not look at."""

    OPEN = "open"
    """It goes on as it is."""
    CLOSED = "closed"
    """It is refused."""


class Unguarded(StrEnum):
    """What becomes of a request of which its guards cannot see all that they guard: a form, a file,
    or an answer that is one."""

    REFUSE = "refuse"
    PASS = "pass"  # noqa: S105 - no password


class Side(StrEnum):
    """What a guard looks at."""

    INPUT = "input"
    OUTPUT = "output"


class Verdict(StrEnum):
    """What a guard's look came to."""

    PASSED = "passed"
    OBSERVED = "observed"
    """It would have been blocked if the guard had been told to."""
    CHANGED = "changed"
    BLOCKED = "blocked"
    FAILED = "failed"
    """It could not look; what it is set to do upon that was done."""


@dataclass(frozen=True, slots=True)
class HttpFilter:
    """A guard that is asked over HTTP. It is told no credentials unless ``pass_credentials``."""

    url: str
    pass_credentials: bool = False


@dataclass(frozen=True, slots=True)
class McpFilter:
    """A guard that is a tool of an MCP server; ``url`` is the server's endpoint."""

    url: str
    tool: str
    pass_credentials: bool = False


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """One guard, in its place among the others; exactly one of the fields that say of what kind it
    is has a value.

    ``name`` is its id in the configuration. ``deadline`` is in seconds: how long one look may take.
    ``window`` is how many characters of a stream's text it sees together, at least.
    """

    name: str
    deadline: float = 5.0
    on_failure: OnFailure = OnFailure.CLOSED
    window: int = 256
    http: HttpFilter | None = None
    mcp: McpFilter | None = None
    pii: PiiRules | None = None
    injection: InjectionRules | None = None

    @property
    def may_change_answers(self) -> bool:
        """Whether it may leave something for the answers to requests that it has looked at."""
        return self.pii is not None and self.pii.masks

    @property
    def reads_headers(self) -> bool:
        """Whether it is told the headers of requests."""
        return self.http is not None or self.mcp is not None

    @property
    def reads_credentials(self) -> bool:
        """Whether it is told the credentials among them, too."""
        return any(each and each.pass_credentials for each in (self.http, self.mcp))


@dataclass(frozen=True, slots=True)
class Findings:
    """What may be told of what a guard has found: how often things of which kind, and how sure it
    is, 0 to 1; None where it is one that does not say."""

    counts: Mapping[str, int] = field(default_factory=dict)
    score: float | None = None


NOTHING: Final = Findings()


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What a guard has said. ``reason`` is a token: why it failed, or with which code it blocked.

    Nothing of what it looked at is in here. Of a stream, ``seconds`` are those of all its looks.
    """

    guard: str
    side: Side
    verdict: Verdict
    reason: str | None = None
    seconds: float = 0.0
    findings: Findings = NOTHING


@dataclass(frozen=True, slots=True)
class GuardReport:
    """What all guards have said of one request, or of its answer."""

    request_id: str
    verdicts: tuple[GuardVerdict, ...]
