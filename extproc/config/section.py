"""What every section of a configuration file has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """A mapping of the file: its keys are all known and its values are of the right type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())
