"""Which route a request belongs to. A classifier that fails never fails the request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extproc.core.aside import Aside
from extproc.core.routes import Route
from extproc.dialects.request import ClientRequest
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.intent.users_words import takes_long, users_words
from extproc.router.decision import NO_INTENT

__all__ = ["Classification", "classified"]


@dataclass(frozen=True, slots=True)
class Classification:
    """What a classifier said of a request: its verdict, or why there is none, and how many seconds
    that took; None where it was not asked."""

    intent: Intent = NO_INTENT
    failure: ClassificationError | None = None
    seconds: float | None = None


async def classified(
    request: ClientRequest,
    routes: Sequence[Route],
    classifier: IntentClassifier,
    aside: Aside,
    clock: Callable[[], float],
) -> Classification:
    """Ask a classifier which of the routes a request belongs to, if there is anything to choose.

    Args:
        request: the request.
        routes: those that it may belong to.
        classifier: is asked.
        aside: where large requests are gone through.
        clock: measures durations, in seconds.
    """
    if not routes:
        return Classification()
    long = takes_long(request.conversation)
    words = await aside.run_if(long, users_words, request.conversation)
    if not words:
        return Classification()
    began = clock()
    intent, failure = NO_INTENT, None
    try:
        intent = await classifier.classify(words, routes, request.tool_names)
    except ClassificationError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - a classifier never fails a request
        failure = ClassificationError("error", "the classifier raised an unexpected error")
        failure.__cause__ = error
    return Classification(intent, failure, clock() - began)
