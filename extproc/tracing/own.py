"""Attributes that only this project has: why a request went where it went, and what that cost."""

from __future__ import annotations

from extproc.core.records import Ranked, Skipped
from extproc.core.response_flags import flags_in_words
from extproc.core.routes import Preference
from extproc.telemetry.conventions import client_left
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.tracing.span import Attributes, known

__all__ = ["of_attempt", "of_request", "of_undecided"]


def of_request(receipt: Receipt) -> Attributes:
    """The decision, and how the request ended."""
    decision, completion = receipt.decision, receipt.completion
    intent, ranked = decision.intent, decision.candidates
    return known(
        {
            "dragoman.request_id": decision.request_id,
            "dragoman.path": decision.forwarded,
            "dragoman.dialect": decision.dialect,
            "dragoman.route.name": decision.route,
            "dragoman.route.took_the_rest": intent.took_the_rest or None,
            "dragoman.route.score": intent.score,
            "dragoman.route.runner_up": intent.runner_up,
            "dragoman.route.classifier": intent.classifier,
            "dragoman.route.fallback": intent.fallback,
            "dragoman.route.failure": decision.failure,
            "dragoman.route.pinned": decision.pinned or None,
            "dragoman.ranking.policy": (
                None if decision.prefer is Preference.NONE else decision.prefer.value
            ),
            "dragoman.ranking.candidates": tuple(each.model for each in ranked),
            "dragoman.ranking.values": _values(ranked),
            "dragoman.ranking.cooldowns": tuple(
                f"{each.model}: {each.cooldown}" for each in ranked if each.cooldown
            ),
            "dragoman.ranking.skipped": tuple(map(_skipped, decision.skipped)),
            "dragoman.decision.duration": decision.decision_seconds,
            "dragoman.decision.classification_duration": decision.classification_seconds,
            "dragoman.decision.snapshot": decision.snapshot,
            "dragoman.decision.config": decision.config,
            "dragoman.attempts": len(receipt.attempts)
            if completion is None
            else completion.attempts,
            "dragoman.answered_by": receipt.answered_by,
            "dragoman.status": None if completion is None else completion.status or None,
            "dragoman.client_left": _left("" if completion is None else completion.flags),
            "dragoman.cost.usd": receipt.cost_usd,
        }
    )


def of_undecided(receipt: Receipt) -> Attributes:
    """What is known of a request that ended before it was decided, by OpenTelemetry's names where
    it has some: https://opentelemetry.io/docs/specs/semconv/http/http-spans/."""
    decision, completion = receipt.decision, receipt.completion
    asked = receipt.unserved
    if completion is None or asked is None:
        return {}
    return known(
        {
            "http.request.method": asked.method,
            "url.path": asked.path,
            "http.response.status_code": completion.status or None,
            "dragoman.request_id": decision.request_id,
            "dragoman.dialect": decision.dialect,
            "dragoman.decided": False,
            "dragoman.attempts": completion.attempts,
            "dragoman.status": completion.status or None,
            "dragoman.details": completion.details,
            "dragoman.flags": flags_in_words(completion.flags),
            "dragoman.limit": completion.limit,
            "dragoman.client_left": _left(completion.flags),
        }
    )


def of_attempt(entry: PricedAttempt) -> Attributes:
    """What became of an attempt."""
    attempt = entry.attempt
    return known(
        {
            "dragoman.attempt.number": attempt.number,
            "dragoman.attempt.model": attempt.model,
            "dragoman.attempt.time_to_first_byte": attempt.first_byte,
            "dragoman.attempt.details": attempt.details,
            "dragoman.attempt.flags": flags_in_words(attempt.flags),
            "dragoman.attempt.retry_after": attempt.retry_after,
            "dragoman.attempt.translation": attempt.translation,
            "dragoman.client_left": _left(attempt.flags),
            "dragoman.usage.input_tokens": attempt.usage.input_tokens,
            "dragoman.usage.output_tokens": attempt.usage.output_tokens,
            "dragoman.usage.cached_tokens": attempt.usage.cached_tokens,
            "dragoman.cost.usd": entry.cost_usd,
        }
    )


def _values(ranked: tuple[Ranked[str], ...]) -> tuple[str, ...]:
    """What the candidates were ranked by; a list of OpenTelemetry's has no place for unknown ones,
    so that each stands with its model."""
    return tuple(f"{each.model}: {each.value:.6g}" for each in ranked if each.value is not None)


def _skipped(skipped: Skipped) -> str:
    return f"{skipped.model}: {skipped.code}"


def _left(flags: str) -> bool | None:
    return client_left(flags) or None
