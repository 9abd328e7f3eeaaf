"""Session affinity: a session keeps its model until that fails or the session is left alone."""

from extproc.affinity.choice import pins_for
from extproc.affinity.memory import MemoryPins
from extproc.affinity.pins import Pin, Pins, PinStats, session_key
from extproc.affinity.shared import SharedPins

__all__ = [
    "MemoryPins",
    "Pin",
    "PinStats",
    "Pins",
    "SharedPins",
    "pins_for",
    "session_key",
]
