from __future__ import annotations

from extproc.core.failover import DEFAULT_POLICY, signs_of
from extproc.core.outcomes import outcome_of


def test_the_default_policy_is_what_the_table_of_outcomes_says() -> None:
    for status in range(400, 600):
        assert (status in DEFAULT_POLICY.statuses) is outcome_of(status).moves_on


def test_a_code_is_known_by_itself_or_by_what_providers_say_instead() -> None:
    assert signs_of("invalid_prompt").codes == ("invalid_prompt",)
    assert "content_policy_violation" in signs_of("content_filter").codes
    assert "prompt is too long" in signs_of("context_length_exceeded").messages
