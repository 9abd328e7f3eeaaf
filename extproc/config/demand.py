"""Which secrets a reader of a configuration cannot do without.

Who serves by it needs them all; who only classifies calls no provider, and needs no provider's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from extproc.config.section import File
from extproc.config.sections.router import places_of_secrets
from extproc.core.problems import Problem

__all__ = ["ALL", "NONE", "OF_ROUTER", "Demand"]


@dataclass(frozen=True, slots=True)
class Demand:
    """The secrets below some places of a file.

    Attributes:
        places: tells these places; "" is all of the file.
        purpose: what the secrets are for, to be said behind what is wrong with one.
    """

    places: Callable[[File], tuple[str, ...]]
    purpose: str = ""

    def of(self, file: File, lacking: Iterable[Problem]) -> Iterator[Problem]:
        """What is demanded of all secrets that the environment does not hold."""
        places = self.places(file)
        for each in lacking:
            if each.path.startswith(places):
                yield replace(each, message=f"{each.message}{self.purpose}")


ALL: Final = Demand(lambda _: ("",))
NONE: Final = Demand(lambda _: ())
OF_ROUTER: Final = Demand(
    places_of_secrets,
    ", and the router model is asked with it; --embedded asks the classifier in the box instead",
)
