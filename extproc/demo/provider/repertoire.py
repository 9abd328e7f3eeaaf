"""Which behaviour is due for a request."""

from __future__ import annotations

from collections import deque

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.spec import parse_behaviour

__all__ = ["SUFFIX_MARK", "Repertoire"]

SUFFIX_MARK = "!"


class Repertoire:
    """The behaviours a provider was told to show, and whose word counts most.

    A request that names its own behaviour, by header or else by model id, gets that one. Any other
    takes the next of ``script``; once that is empty, what ``by_model`` holds for its model; else
    ``default``.
    """

    def __init__(self) -> None:
        self.default = Behaviour()
        self.script: deque[Behaviour] = deque()
        self.by_model: dict[str, Behaviour] = {}

    def choose(self, model: str, requested: str | None) -> Behaviour:
        """The behaviour for a request. One that comes from the script is used up.

        Args:
            model: the model id, perhaps with a behaviour behind it (``gpt-4o!status=503``).
            requested: the value of the request's behaviour header, if it has one.

        Raises:
            ValueError: the request names a behaviour that makes no sense.
        """
        if requested is not None:
            return parse_behaviour(requested)
        _, mark, suffix = model.partition(SUFFIX_MARK)
        if mark:
            return parse_behaviour(suffix)
        if self.script:
            return self.script.popleft()
        return self.by_model.get(model, self.default)

    def clear(self) -> None:
        """Forget everything: each request gets a correct answer again."""
        self.default = Behaviour()
        self.script.clear()
        self.by_model.clear()
