"""Session affinity: a session keeps its model until that fails or the session is left alone."""

from extproc.affinity.choice import origins_for, pins_for
from extproc.affinity.memory import MemoryPins
from extproc.affinity.origins import Origins
from extproc.affinity.pins import Pin, Pins, PinStats, session_key
from extproc.affinity.shared import SharedPins

__all__ = [
    "MemoryPins",
    "Origins",
    "Pin",
    "PinStats",
    "Pins",
    "SharedPins",
    "origins_for",
    "pins_for",
    "session_key",
]
