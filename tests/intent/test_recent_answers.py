"""A bounded memory."""

from __future__ import annotations

from extproc.intent.recent_answers import RecentAnswers


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_kept_for_a_while() -> None:
    clock = Clock()
    answers = RecentAnswers[str](2, 10.0, clock)
    answers.put("q", "a")
    clock.now += 9.9
    assert answers.get("q") == "a"
    clock.now += 0.1
    assert answers.get("q") is None, "using an answer does not make it younger"
    assert len(answers) == 0


def test_a_new_answer_takes_the_old_one_s_place() -> None:
    clock = Clock()
    answers = RecentAnswers[str](2, 10.0, clock)
    answers.put("q", "a")
    clock.now += 9
    answers.put("q", "b")
    clock.now += 9
    assert answers.get("q") == "b"


def test_the_one_not_used_for_longest_gives_way() -> None:
    answers = RecentAnswers[str](2, 10.0, Clock())
    answers.put("one", "1")
    answers.put("two", "2")
    assert answers.get("one") == "1"
    answers.put("three", "3")
    assert [answers.get(question) for question in ("one", "two", "three")] == ["1", None, "3"]
    assert len(answers) == 2


def test_none_are_kept() -> None:
    answers = RecentAnswers[str](0, 10.0, Clock())
    answers.put("q", "a")
    assert answers.get("q") is None
    assert len(answers) == 0
