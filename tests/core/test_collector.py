from __future__ import annotations

import gc

import pytest

from extproc.core.collector import nothing_collected


def test_nothing_is_collected_meanwhile() -> None:
    with nothing_collected():
        assert not gc.isenabled()
        made = [[] for _ in range(10)]  # type: list[list[object]]
    assert gc.isenabled()
    assert not any(each is one for one in gc.get_objects() for each in made)


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with pytest.raises(ValueError, match="meanwhile"), nothing_collected():
            raise ValueError("meanwhile")
        assert not gc.isenabled()
    finally:
        gc.enable()
