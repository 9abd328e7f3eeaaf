"""Whether the files that a configuration names can be where it says."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["why_not_kept", "why_not_read"]


def why_not_kept(path: Path) -> str | None:
    """Why no file can be kept at this path, None if one may."""
    try:
        if path.is_dir():
            return f"is a folder: {path}; name a file in it"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent} to put it into"
    except OSError as error:
        return _unreachable(path, error)
    return None


def why_not_read(path: Path) -> str | None:
    """Why this file cannot be read, None if it can."""
    try:
        if not path.is_file():
            return f"there is no file {path}"
    except OSError as error:
        return _unreachable(path, error)
    return None if os.access(path, os.R_OK) else f"may not be read: {path}"


def _unreachable(path: Path, error: OSError) -> str:
    """A folder on the way may not be entered, say."""
    return f"cannot be reached: {path}: {error.strerror}"
