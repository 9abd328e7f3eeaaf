"""What a file holds secret: set apart, each under the name of an environment variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from extproc.config.environment import reference
from extproc.core.problems import Problem

__all__ = ["WRITTEN_OUT", "SecretCollector"]

WRITTEN_OUT: Final = "DRAGOMAN_KEY_"
"""How the variables begin of secrets that no variable of the environment holds."""
_SENDABLE: Final = re.compile(r"[\x20-\x7e]+")


class SecretCollector:
    """Collects secrets by their variables, and what is wrong with them on the way.

    One that is written out gets a variable of its own; the same secret, the same variable.
    ``variables`` names the variable of each secret by the secret's place in the file.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.values: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def look_up(self, text: str, path: str) -> None:
        """Keep a secret as the file writes it, or say why it is none.

        Args:
            text: a reference, or the secret itself.
            path: its place in the file.
        """
        text = text.strip()
        variable = reference(text)
        value = self.environ.get(variable, "").strip() if variable else text
        if message := self._objection(text, variable, value):
            self.problems.append(Problem(path, message))
            return
        if variable is None and text in self.environ:
            message = f"taken literally; for the variable write ${text}"
            self.warnings.append(Problem(path, message))
        self.keep(value, path, variable)

    def keep(self, value: str, path: str, variable: str | None = None) -> None:
        """Hold the secret at ``path`` under a variable: the one that holds it already, or a new."""
        name = variable or self._free_name(value)
        self.values[name] = value
        self.variables[path] = name

    @staticmethod
    def sendable(value: str) -> bool:
        """Whether a header can carry the value."""
        return _SENDABLE.fullmatch(value) is not None

    def _objection(self, text: str, variable: str | None, value: str) -> str | None:
        if variable is not None and variable not in self.environ:
            return f"environment variable {variable} is not set"
        if variable is None and (text.startswith("$") or "${" in text):
            return "is no reference that is understood; write $NAME or ${NAME}"
        whose = f"environment variable {variable}" if variable else "the key"
        if not value:
            return f"{whose} is empty"
        if not self.sendable(value):
            return f"{whose} holds characters that a header cannot carry"
        return None

    def _free_name(self, value: str) -> str:
        number = 1
        while (name := f"{WRITTEN_OUT}{number}") in self.environ or (
            self.values.get(name, value) != value
        ):
            number += 1
        return name
