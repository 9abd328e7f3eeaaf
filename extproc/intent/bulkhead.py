"""Before a router model is asked: is it alive, and is it not being asked too much already?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from extproc.intent import ClassificationError
from extproc.intent.circuit_breaker import CircuitBreaker, State

__all__ = ["Bulkhead"]

_log = logging.getLogger(__name__)

# Two refused connections in a row open the circuit: nobody is there, and nothing was waited for.
_STRIKES: Final = {"unreachable": 3}


class Bulkhead:
    """Lets questions through while the circuit is closed, up to a number at a time."""

    def __init__(self, most: int, clock: Callable[[], float], circuit: CircuitBreaker) -> None:
        """
        Args:
            most: how many questions may be on their way at once; further ones do not wait.
            clock: the time in seconds, never going back.
            circuit: judges by the outcomes.
        """
        self._most = most
        self._clock = clock
        self._circuit = circuit
        self._passing = 0

    @contextmanager
    def passage(self) -> Iterator[None]:
        """Around a question; a ``ClassificationError`` inside counts against the server.

        Raises:
            ClassificationError: ``busy`` or ``circuit_open``; it is not to be asked now.
        """
        if self._passing >= self._most:
            raise ClassificationError("busy", f"{self._most} questions are on their way already")
        leave = self._circuit.admit(self._clock())
        if leave is None:
            raise ClassificationError("circuit_open", "it kept failing and is left alone for now")
        self._passing += 1
        try:
            yield
        except ClassificationError as error:
            self._judge(leave, error)
            raise
        except BaseException:  # the request was given up
            self._circuit.abandoned(leave)
            raise
        else:
            self._judge(leave, None)
        finally:
            self._passing -= 1

    def _judge(self, leave: int, error: ClassificationError | None) -> None:
        circuit, before = self._circuit, self._circuit.state
        if error is None:
            circuit.succeeded(leave)
        else:
            circuit.failed(leave, self._clock(), _STRIKES.get(error.reason, 1))
        if circuit.state is before:
            return
        if circuit.state is State.OPEN:
            _log.warning("the intent router is not asked for %g s: %s", circuit.pause, error)
        else:
            _log.info("the intent router answers again")
