"""What a classifier says of a request."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Intent"]


@dataclass(frozen=True, slots=True)
class Intent:
    """A classification.

    ``route`` is the name of the matched route, None if no route matches. ``took_the_rest`` says
    that it matched nothing either, and has the request because it takes what no other route does.
    Where the classifier scores routes, ``score`` is that of the best one, matched or not, from -1
    to 1, and ``runner_up`` names the second best, with its score. ``others`` are the further routes
    that a router model named. ``classifier`` says who answered; ``fallback`` is why another one
    could not (the reason of its ``ClassificationError``).
    """

    route: str | None
    score: float | None = None
    runner_up: str | None = None
    runner_up_score: float | None = None
    others: tuple[str, ...] = ()
    classifier: str = ""
    fallback: str | None = None
    took_the_rest: bool = False
