"""The guards in the box, as a file has them."""

from __future__ import annotations

import pytest

from extproc.config import ConfigError, parse
from extproc.core.guards import GuardSettings, OnFailure
from extproc.core.injection import InjectionAction, InjectionRules
from extproc.core.pii import QUIET_KINDS, PiiAction, PiiKind, PiiRules

BASE = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: k}]\n"


def guards(entry: str, side: str = "input") -> tuple[GuardSettings, ...]:
    """The guards of requests of a file with one filter."""
    listener = f"listeners: [{{type: model, {side}_filters: [a]}}]"
    return parse(f"{BASE}filters: [{{id: a, {entry}}}]\n{listener}\n", {}).config.input_guards


def problems(entry: str, side: str = "input") -> list[str]:
    with pytest.raises(ConfigError) as raised:
        guards(entry, side)
    return [str(problem) for problem in raised.value.problems]


def test_personal_data_is_masked_unless_a_file_says_otherwise() -> None:
    assert guards("type: pii") == (
        GuardSettings("a", pii=PiiRules(dict.fromkeys(QUIET_KINDS, PiiAction.MASK))),
    )


def test_each_kind_may_have_its_own_action() -> None:
    (guard,) = guards(
        "type: pii, kinds: [email, ip], action: redact, actions: {card: block}, on_failure: open"
    )

    assert guard.on_failure is OnFailure.OPEN
    assert guard.pii == PiiRules(
        {
            PiiKind.EMAIL: PiiAction.REDACT,
            PiiKind.IP: PiiAction.REDACT,
            PiiKind.CARD: PiiAction.BLOCK,
        }
    )
    assert not guard.may_change_answers


def test_attacks_are_observed_unless_a_file_says_otherwise() -> None:
    (guard,) = guards("type: injection")
    assert guard == GuardSettings("a", on_failure=OnFailure.OPEN, injection=InjectionRules())
    (guard,) = guards("type: injection, on_failure: closed")
    assert guard.on_failure is OnFailure.CLOSED
    (guard,) = guards("type: injection, action: block, threshold: 0.98, message: Not here.")
    assert guard.on_failure is OnFailure.CLOSED
    assert guard.injection == InjectionRules(0.98, InjectionAction.BLOCK, "Not here.")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("type: pii, kinds: []", "filters[0].kinds: "),
        ("type: pii, kinds: [name]", "filters[0].kinds[0]: "),
        ("type: pii, actions: {card: hide}", "filters[0].actions.card: "),
        ("type: injection, threshold: 0", "filters[0].threshold: "),
        ("type: injection, action: mask", "filters[0].action: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(entry: str, problem: str) -> None:
    (told,) = problems(entry)

    assert told.startswith(problem)


@pytest.mark.parametrize("entry", ["type: pii", "type: injection"])
def test_they_look_at_requests_only(entry: str) -> None:
    (told,) = problems(entry, "output")

    assert told.startswith("listeners.0.output_filters") or "does not look at these" in told


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{jailbreak: {on_exception: {message: 'Not here.'}}}", "Not here."),
        ("{jailbreak: {}}", None),
    ],
)
def test_planos_prompt_guard_blocks_before_the_filters(written: str, message: str | None) -> None:
    config = parse(
        f"{BASE}prompt_guards: {{input_guards: {written}}}\n"
        "filters: [{id: a, type: pii}]\nlisteners: [{type: model, input_filters: [a]}]\n",
        {},
    ).config

    first, second = config.input_guards
    assert first.injection == InjectionRules(action=InjectionAction.BLOCK, message=message)
    assert second.name == "a"
