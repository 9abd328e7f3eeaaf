"""What becomes of exported spans: counts, and a word in the log when that changes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from extproc.core.problems import masked_text

__all__ = ["Watched"]

_log = logging.getLogger(__name__)

_SDK: Final = logging.getLogger("opentelemetry")


class Watched(SpanExporter):
    """Counts what becomes of spans, and says when a collector stops to take them and when it takes
    them again, each once: the SDK would say so for every batch."""

    def __init__(self, exporter: SpanExporter, destination: str) -> None:
        """
        Args:
            exporter: sends spans.
            destination: to whom, for people.
        """
        self.exported = 0
        self.refused = 0
        self._exporter = exporter
        self._destination = destination
        self._failing = False
        self._words = _LastWords()
        _SDK.addHandler(self._words)
        _SDK.propagate = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self._count(len(spans), well=result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()
        _SDK.removeHandler(self._words)
        _SDK.propagate = True

    def _count(self, spans: int, *, well: bool) -> None:
        if well:
            self.exported += spans
        else:
            self.refused += spans
        if well and self._failing:
            _log.info("spans are taken again at %s; %d were lost", self._destination, self.refused)
        elif not well and not self._failing:
            _log.warning(
                "spans are not taken at %s, and are lost until they are; requests go on. See that "
                "a collector listens there and takes OTLP. The exporter says: %s",
                *(self._destination, self._words.said or "nothing"),
            )
        self._failing = not well


class _LastWords(logging.Handler):
    """Remembers what the SDK has said last, without what looks like a key: a URL may hold one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = masked_text(record.getMessage())
