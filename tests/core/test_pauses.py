from __future__ import annotations

from extproc.core.pauses import pause_after


def test_a_store_is_tried_again_at_once_and_then_ever_later_but_never_after_long() -> None:
    pauses = [pause_after(failures) for failures in range(1, 8)]

    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == pause_after(1_000_000) == 2
