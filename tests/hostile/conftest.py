from __future__ import annotations

from tests.helpers.shared_house import house, shared_house

__all__ = ["house", "shared_house"]
