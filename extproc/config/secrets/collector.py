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
    ``variables`` names the variable of each secret by the secret's place in the file, also of those
    that the environment does not hold. What these are is in ``lacking``, apart from ``problems``,
    which are the file's own: who does without a secret does not ask for it.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.values: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.lacking: list[Problem] = []
        self.warnings: list[Problem] = []

    def look_up(self, text: str, path: str) -> None:
        """Keep a secret as the file writes it, or say why it is none.

        Args:
            text: a reference, or the secret itself.
            path: its place in the file.
        """
        text = text.strip()
        variable = reference(text)
        if variable is not None:
            self._look_up_in_environment(variable, path)
            return
        if text.startswith("$") or "${" in text:
            message = "is no reference that is understood; write $NAME or ${NAME}"
            self.problems.append(Problem(path, message))
            return
        if fault := self._fault(text):
            self.problems.append(Problem(path, f"the key {fault}"))
            return
        if text in self.environ:
            message = f"taken literally; for the variable write ${text}"
            self.warnings.append(Problem(path, message, text))
        self.keep(text, path)

    def _look_up_in_environment(self, variable: str, path: str) -> None:
        if variable not in self.environ:
            self.lack(variable, path, "is not set")
            return
        value = self.environ[variable].strip()
        if fault := self._fault(value):
            self.lack(variable, path, fault)
        else:
            self.keep(value, path, variable)

    def keep(self, value: str, path: str, variable: str | None = None) -> None:
        """Hold the secret at ``path`` under a variable: the one that holds it already, or a new."""
        name = variable or self._free_name(value)
        self.values[name] = value
        self.variables[path] = name

    def lack(self, variable: str, path: str, fault: str) -> None:
        """Note that a variable does not hold the secret at ``path``, and why: its ``fault``."""
        self.variables[path] = variable
        self.lacking.append(Problem(path, f"environment variable {variable} {fault}", variable))

    @staticmethod
    def sendable(value: str) -> bool:
        """Whether a header can carry the value."""
        return _SENDABLE.fullmatch(value) is not None

    def _fault(self, value: str) -> str | None:
        if not value:
            return "is empty"
        return None if self.sendable(value) else "holds characters that a header cannot carry"

    def _free_name(self, value: str) -> str:
        number = 1
        while (name := f"{WRITTEN_OUT}{number}") in self.environ or (
            self.values.get(name, value) != value
        ):
            number += 1
        return name
