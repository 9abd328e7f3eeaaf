"""Configured headers that may hold a secret: set apart as keys are, so that nothing prints them.

A value that refers to the environment is one, and so is one that is written out under a name, or in
a shape, that keys have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.config.environment import ends_with_reference, expanded
from extproc.core.key_names import names_a_key
from extproc.core.models import Credential
from extproc.core.problems import holds_key

__all__ = ["HeaderSecret", "header_secret"]


@dataclass(frozen=True, slots=True)
class HeaderSecret:
    """What is secret of one header; ``variable`` is None where no variable holds just that, and
    ``value`` is empty where the environment holds nothing of it."""

    header: str
    prefix: str
    variable: str | None
    value: str

    def credential(self, variable: str) -> Credential:
        """The header, once ``variable`` holds what is secret of it."""
        return Credential(self.header.lower(), self.prefix, variable)


def header_secret(header: str, text: str, environ: Mapping[str, str]) -> HeaderSecret | None:
    """What is secret of a header as the file writes it; None if it may be shown.

    Args:
        header: its name.
        text: its value, references included.
        environ: the environment; of a value that it lacks a part of, nothing is known.
    """
    missing: set[str] = set()
    value = expanded(text, environ, missing)
    if missing:
        return HeaderSecret(header, "", None, "")
    if value == text and not names_a_key(header) and not holds_key(text):
        return None
    prefix, variable = ends_with_reference(text)
    if variable is None or variable not in environ:
        return HeaderSecret(header, "", None, value.strip())
    return HeaderSecret(header, prefix, variable, environ[variable].strip())
