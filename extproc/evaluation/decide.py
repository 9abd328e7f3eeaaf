"""``dragoman decide``: what becomes of one prompt, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extproc.core.config import Config
from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.errors import StartError
from extproc.evaluation.screen import Screen
from extproc.intent import Intent
from extproc.intent.choice import classifier_for, embedded_classifier
from extproc.intent.names import in_words
from extproc.intent.route_vectors import OUT_OF_REACH
from extproc.intent.users_words import users_words

__all__ = ["decide"]


async def decide(
    config: Config,
    environment: Mapping[str, str],
    prompt: str,
    screen: Screen,
    *,
    embedded: bool = False,
    as_json: bool = False,
) -> None:
    """Classify a prompt and print the decision with every route's score.

    Scores are the embedded classifier's, also beside the answer of a router model, which has none.

    Args:
        config: the configuration.
        environment: where the credential of a router model is.
        prompt: what a user would say.
        screen: where it is printed.
        embedded: whether the embedded classifier answers, whatever is configured.
        as_json: whether it is printed as JSON, and nothing else.

    Raises:
        StartError: there is nothing to decide; the message says why.
    """
    if not config.routes:
        raise StartError("the configuration has no routing_preferences to decide between")
    if not prompt.strip():
        raise StartError("the prompt is empty")
    conversation, routes = users_words((Turn("user", prompt),)), config.routes
    if not conversation:
        raise StartError("the prompt holds nothing but what agents put into prompts")
    scorer = embedded_classifier(config)
    by_scorer = embedded or config.intent.router is None
    classifier = scorer if by_scorer else classifier_for(config, environment)
    try:
        intent = await classifier.classify(conversation, routes)
    finally:
        await classifier.close()
    scores, thresholds = scorer.scores(conversation, routes), scorer.thresholds(routes)
    chosen = next((route for route in routes if route.name == intent.route), None)
    if as_json:
        screen.json(_as_json(intent, chosen, routes, scores, thresholds))
    else:
        screen.output.print(_report(intent, chosen, routes, scores, thresholds))


def _as_json(
    intent: Intent,
    chosen: Route | None,
    routes: Sequence[Route],
    scores: Sequence[float],
    thresholds: Sequence[float],
) -> dict[str, Any]:
    return {
        "route": intent.route,
        "took_the_rest": intent.took_the_rest,
        "models": list(chosen.models) if chosen else [],
        "classifier": intent.classifier,
        "fallback": intent.fallback,
        "others": list(intent.others),
        "scores": [
            {
                "route": route.name,
                "score": score,
                "threshold": None if threshold >= OUT_OF_REACH else threshold,
            }
            for route, score, threshold in zip(routes, scores, thresholds, strict=True)
        ],
    }


def _report(
    intent: Intent,
    chosen: Route | None,
    routes: Sequence[Route],
    scores: Sequence[float],
    thresholds: Sequence[float],
) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Route", overflow="fold")
    for title in ("Score", "Threshold"):
        table.add_column(title, justify="right")
    table.add_column("")
    ranked = sorted(zip(routes, scores, thresholds, strict=True), key=lambda row: -row[1])
    for route, score, threshold in ranked:
        style = "bold green" if route is chosen else ""
        mark = _mark(route, intent)
        table.add_row(
            Text(route.name, style),
            f"{score:.3f}",
            "the rest" if threshold >= OUT_OF_REACH else f"{threshold:.3f}",
            Text(mark, style),
        )
    return Group(*_lines(intent, chosen), table)


def _mark(route: Route, intent: Intent) -> str:
    """What became of a route, and why where its score does not tell."""
    if route.name != intent.route:
        return "named too" if route.name in intent.others else ""
    if intent.took_the_rest:
        return "chosen: takes what no other route matches"
    return "chosen"


def _lines(intent: Intent, chosen: Route | None) -> list[RenderableType]:
    who = f" (by {in_words(intent.classifier)})" if intent.classifier else ""
    lines: list[RenderableType] = [
        Text.assemble("route: ", (intent.route or "none", "bold"), who),
        Text(
            f"models: {', '.join(chosen.models)}"
            if chosen
            else "models: the one that the request names, else the default"
        ),
    ]
    if intent.fallback is not None:
        lines.append(Text(f"the router model did not answer: {intent.fallback}", style="yellow"))
    return lines
