"""Why a request went where it went, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from extproc.core.guards import Side, Verdict
from extproc.core.outcomes import StreamEnd, is_success
from extproc.core.switching import SwitchReason
from extproc.dialects.api_paths import COUNT_TOKENS
from extproc.explain.undecided import undecided
from extproc.explain.wording import dollars, status_in_words
from extproc.intent.names import in_words
from extproc.ranking.policies import POLICIES, Compares

__all__ = ["compared", "ended_well", "reasons", "why_refused"]

_BASES: Final = {"total": "by list price", "request": "by what this request was to cost"}
_SWITCHES: Final[Mapping[str, str]] = {
    SwitchReason.WITHIN_BUDGET: "its budget pays for that",
    SwitchReason.FREE: "that costs no more",
    SwitchReason.NO_PRICING: "a price is not known",
    SwitchReason.OVER_BUDGET: "that is more than its budget pays for",
    SwitchReason.COLD: "its prompt cache is cold",
    SwitchReason.DRIFTED: "the request begins otherwise, which no prompt cache helps",
    SwitchReason.UNBUDGETED: "the person has said something new",
    SwitchReason.UNAVAILABLE: "its model is not available",
}


def reasons(receipt: Mapping[str, Any]) -> str:
    """Which route it took and why, how its candidates were ordered, and who answered.

    Args:
        receipt: as ``docs/receipts.md`` describes it.
    """
    if ended := undecided(receipt):
        return ended
    if blocked := _blocked(receipt):
        return f"{blocked}."
    parts = (_intent, _diversion, _switch, _order, _end)
    return " ".join(filter(None, (part(receipt) for part in parts)))


def why_refused(receipt: Mapping[str, Any]) -> str:
    """Which guard, limit, budget or bound of ours kept a decided request from its models, or its
    client from the answer: without a full stop, and empty where none did.

    Args:
        receipt: as ``docs/receipts.md`` describes it.
    """
    if stopped := _blocked(receipt) or _stopped(receipt):
        return stopped
    if receipt["candidates"]:
        return ""
    return "; ".join(f"{each['model']}: {each['reason']}" for each in receipt["skipped"])


def _blocked(receipt: Mapping[str, Any]) -> str:
    """Which guard did not let the request pass; empty if all did."""
    # A sidecar of an earlier version does not tell.
    looked = [each for each in receipt.get("guards", ()) if each["side"] == Side.INPUT]
    if receipt["candidates"] or receipt["skipped"] or not looked:
        return ""
    last = looked[-1]
    if last["verdict"] == Verdict.BLOCKED:
        return f"The guard {last['guard']} blocked the request ({last['reason']})"
    return f"The guard {last['guard']} failed ({last['reason']}), and without it nothing passes"


def _intent(receipt: Mapping[str, Any]) -> str:
    diverted = receipt.get("diverted")
    route = receipt["route"] if diverted is None else diverted["from"]
    if receipt.get("forwarded") is not None:
        return f"{receipt['forwarded']} is forwarded without routing."
    if receipt["pinned"]:
        about = "" if route is None else f" (route {route})"
        return f"Session {receipt['session_id']} is pinned{about}: its model goes first."
    if receipt["failure"] is not None:
        return f"The request could not be classified ({receipt['failure']})."
    by = "" if receipt["classifier"] is None else f", says {in_words(receipt['classifier'])}"
    if receipt["fallback"] is not None:
        by += f", since the configured classifier could not answer ({receipt['fallback']})"
    # A sidecar of an earlier version does not tell.
    if receipt.get("took_the_rest"):
        return f"No other route matched{_best_of_others(receipt)}{by}: {route} takes the rest."
    said = "No route matched" if route is None else f"Route {route} matched"
    return f"{said}{_scores(receipt)}{by}."


def _switch(receipt: Mapping[str, Any]) -> str:
    # A sidecar of an earlier version does not tell.
    switch = receipt.get("switch")
    if switch is None:
        return ""
    cost = "" if switch["cost_usd"] is None else f" ({dollars(switch['cost_usd'])})"
    reason = _SWITCHES.get(switch["reason"], switch["reason"])
    ways = f"from {switch['session_model']} to {switch['candidate']}"
    said = "changes its model" if switch["switched"] else "does not change its model"
    return f"The session {said} {ways}: {reason}{cost}."


def _diversion(receipt: Mapping[str, Any]) -> str:
    diverted = receipt.get("diverted")
    if diverted is None:
        return ""
    return f"None of its models may be tried, and the request goes to {diverted['to']} instead."


def _scores(receipt: Mapping[str, Any]) -> str:
    if receipt["score"] is None:
        return ""
    runner_up = receipt["runner_up"]
    best = "score" if receipt["route"] is not None else "best score"
    if runner_up is None or runner_up["score"] is None:
        return f" ({best} {receipt['score']:.2f})"
    second = f"{runner_up['route']} {runner_up['score']:.2f}"
    return f" ({best} {receipt['score']:.2f}, next {second})"


def _best_of_others(receipt: Mapping[str, Any]) -> str:
    runner_up = receipt["runner_up"]
    if runner_up is None or runner_up["score"] is None:
        return ""
    return f" (best score {runner_up['score']:.2f}, of {runner_up['route']})"


def _order(receipt: Mapping[str, Any]) -> str:
    if not receipt["candidates"]:
        return "No model may be tried for it."
    diverted = receipt.get("diverted")
    if diverted is not None and diverted["to"] == receipt["candidates"][0]["model"]:
        return ""
    if receipt["route"] is None:
        if receipt["pinned"]:
            return ""
        asked = receipt["requested_model"]
        if asked is None:
            # One that nobody classified may go on from an answer, to the model that has made it.
            default = "" if receipt["classifier"] is None else "the default, "
            served = receipt["candidates"][0]["model"]
            return f"The request named no model, and goes to {default}{served}."
        return f"The request named {asked}."
    if receipt["unfit"]:
        stand_in = receipt["candidates"][0]["model"]
        return f"The request can be translated for none of its models: {stand_in} stands in."
    policy = receipt["policy"]
    known = POLICIES.get(policy["prefer"])
    order = f"as {policy['prefer']} says" if known is None else known.words
    if compared(receipt) is Compares.PRICES:
        order += f" {_BASES[policy['cost_basis']]}"
    if any(candidate.get("drawn") for candidate in receipt["candidates"]):
        return f"The first is drawn by the route's weights, the others follow {order}."
    return f"{'The others follow' if receipt['pinned'] else 'Its models are tried'} {order}."


def compared(receipt: Mapping[str, Any]) -> Compares:
    """What the policy of a receipt compared; nothing, where a newer sidecar has one of its own."""
    known = POLICIES.get(receipt["policy"]["prefer"])
    return Compares.NOTHING if known is None else known.compares


def _end(receipt: Mapping[str, Any]) -> str:
    if receipt["decision_only"]:
        return "Only the decision was asked for."
    attempts: Sequence[Mapping[str, Any]] = receipt["attempts"]
    status = receipt["status"]
    if status is None:
        return "The request has not ended, or nobody told how."
    if stopped := _stopped(receipt):
        got = "" if is_success(status) else f": the client got {status_in_words(status)}"
        return f"{stopped}{got}."
    if not receipt["candidates"]:
        return f"The client got {status_in_words(status)}."
    if (
        receipt["forwarded"] == COUNT_TOKENS
        and receipt["attempts_made"] == 0
        and is_success(status)
    ):
        return "No provider was asked: the count is an estimate of ours."
    if receipt["answered_by"] is None or not ended_well(receipt):
        return f"No model answered well: the client got {status_in_words(status)}."
    failed = [
        f"{each['model']} ({status_in_words(each['status'])})"
        for each in attempts
        if not (ended_well(each) or each.get("lost"))
    ]
    after = f" after {' and '.join(failed)} failed" if failed else ""
    slower = [each["model"] for each in attempts if each.get("lost")]
    before = f", before {' and '.join(slower)} had anything to show" if slower else ""
    return f"{receipt['answered_by']} answered{after}{before}."


def _stopped(receipt: Mapping[str, Any]) -> str:
    """Which limit or guard of ours ended a request that had been decided; empty if none did."""
    status = receipt["status"]
    # A sidecar of an earlier version has neither.
    if (limit := receipt.get("limit")) is not None:
        return f"The rate limit {limit} is used up"
    for each in receipt.get("guards", ()):
        if each["side"] != Side.OUTPUT:
            continue
        if each["verdict"] == Verdict.BLOCKED:
            return f"The guard {each['guard']} blocked the answer ({each['reason']})"
        # One without which answers go on has failed, too.
        if each["verdict"] == Verdict.FAILED and not (status is None or is_success(status)):
            return f"The guard {each['guard']} failed at the answer ({each['reason']})"
    return ""


def ended_well(ended: Mapping[str, Any]) -> bool:
    """Whether an attempt, or the request, ended well."""
    whole = ended.get("stream_end") in (None, StreamEnd.FINISHED)
    return is_success(ended["status"]) and whole and not ended.get("lost")
