"""What people are told of who classified."""

from __future__ import annotations

import pytest

from extproc.intent.names import EMBEDDED, FIRST_STAGE, in_words


@pytest.mark.parametrize(
    ("classifier", "words"),
    [
        (EMBEDDED, "the classifier in the box"),
        (FIRST_STAGE, "the first stage of the classifier in the box"),
        ("plano-orchestrator", "plano-orchestrator"),
    ],
)
def test_in_words(classifier: str, words: str) -> None:
    assert in_words(classifier) == words
