"""The real APIs' strictness: a request that they would refuse is refused here, in their words.

One module for each dialect says what is wrong with a body; they are pure. Where the real APIs are
not known to mind, nothing is said.
"""

from __future__ import annotations

from extproc.demo.provider.strict.ask import Ask, Memory

__all__ = ["Ask", "Memory"]
