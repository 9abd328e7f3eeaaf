"""What a guard of personal data looks for, and what it does with what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["QUIET_KINDS", "PiiAction", "PiiKind", "PiiRules"]


class PiiKind(StrEnum):
    """What may not be told. A placeholder's name is the kind's in capitals."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    """A payment card's number."""
    IBAN = "iban"
    SSN = "ssn"
    """A social security number of the United States."""
    IP = "ip"
    """An address of the public internet."""
    SECRET = "secret"  # noqa: S105 - a kind of them
    """A key, token, password in an address, or private key."""


QUIET_KINDS: Final[tuple[PiiKind, ...]] = tuple(kind for kind in PiiKind if kind is not PiiKind.IP)
"""What is looked for where nothing else is said: what coding agents work with is full of addresses
of machines."""


class PiiAction(StrEnum):
    """What becomes of what was found."""

    MASK = "mask"
    """A placeholder goes to the provider, and in its answer becomes again what it stands for."""
    REDACT = "redact"
    """A word for the kind goes to the provider, and nothing comes back."""
    BLOCK = "block"
    """The request is refused."""


@dataclass(frozen=True, slots=True)
class PiiRules:
    """What a guard looks for, and what it does with each kind."""

    actions: Mapping[PiiKind, PiiAction]

    @property
    def masks(self) -> bool:
        """Whether answers may hold placeholders."""
        return PiiAction.MASK in self.actions.values()
