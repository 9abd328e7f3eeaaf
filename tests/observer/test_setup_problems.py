"""What only an operator can mend is told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Credential, Dialect, Endpoint, Model
from extproc.observer.setup_problems import SetupProblems
from tests.helpers.telemetry_events import attempt

KEY = Credential("authorization", "Bearer ", "OPENAI_API_KEY")
ENDPOINT = Endpoint("https", "api.openai.com", 443, "api.openai.com")
SMALL = Model(
    "fast", "openai", "gpt-4o-mini", ENDPOINT, {Dialect.CHAT: "/v1/chat/completions"}, KEY
)
LARGE = replace(SMALL, name="openai/gpt-4o", model_id="gpt-4o")
LOCAL = replace(SMALL, name="local/llama", provider="local", credential=None)
ANY = replace(SMALL, name="groq/*", provider="groq", model_id="*")


@pytest.fixture
def problems() -> SetupProblems:
    return SetupProblems(Catalog(Config((SMALL, LARGE, LOCAL, ANY))))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    messages = [record.getMessage() for record in caplog.records]
    caplog.clear()
    return messages


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "it does not accept the key of $OPENAI_API_KEY. Put a valid key there"),
        (402, "it wants to be paid first. Top up the account behind the key of $OPENAI_API_KEY."),
        (403, "it refuses the key of $OPENAI_API_KEY this model."),
        (404, "it does not know 'gpt-4o-mini'. Check that name"),
        (410, "it no longer has 'gpt-4o-mini'. Name its successor"),
    ],
)
def test_it_is_told_what_is_wrong_where_and_what_to_do(
    problems: SetupProblems, caplog: pytest.LogCaptureFixture, status: int, words: str
) -> None:
    problems.attempted(attempt(model="fast", status=status))
    (message,) = said(caplog)
    assert message.startswith(f"fast: its provider, api.openai.com, answers {status}: {words}")


def test_it_is_told_once_and_again_after_the_model_was_well(
    problems: SetupProblems, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        problems.attempted(attempt(model="fast", status=404))
    assert len(said(caplog)) == 1
    problems.attempted(attempt(model="fast", status=500))
    problems.attempted(attempt(model="fast", status=404))
    assert not said(caplog)
    problems.attempted(attempt(model="fast"))
    problems.attempted(attempt(model="fast", status=404))
    assert len(said(caplog)) == 1


def test_a_key_is_told_of_once_whichever_of_its_models_is_asked(
    problems: SetupProblems, caplog: pytest.LogCaptureFixture
) -> None:
    problems.attempted(attempt(model="fast", status=401))
    problems.attempted(attempt(model="openai/gpt-4o", status=401))
    assert len(said(caplog)) == 1
    problems.attempted(attempt(model="openai/gpt-4o", status=403))
    problems.attempted(attempt(model="fast", status=403))
    assert len(said(caplog)) == 2


def test_a_provider_that_is_sent_no_key(
    problems: SetupProblems, caplog: pytest.LogCaptureFixture
) -> None:
    problems.attempted(attempt(model="local/llama", status=401))
    (message,) = said(caplog)
    assert "does not accept requests without a key" in message


@pytest.mark.parametrize(("status", "told"), [(404, 0), (401, 1)])
def test_a_name_that_a_client_made_up_is_no_operators_problem(
    problems: SetupProblems, caplog: pytest.LogCaptureFixture, status: int, told: int
) -> None:
    problems.attempted(attempt(model="groq/whatever", status=status))
    assert len(said(caplog)) == told


@pytest.mark.parametrize(("model", "status"), [("fast", 429), ("fast", 503), ("gone", 401)])
def test_other_failures_are_not_told(
    problems: SetupProblems, caplog: pytest.LogCaptureFixture, model: str, status: int
) -> None:
    problems.attempted(attempt(model=model, status=status))
    assert not said(caplog)
