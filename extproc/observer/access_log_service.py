"""Takes Envoy's access log.

https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/accesslog/v3/als.proto
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from extproc.core.records import Attempt, Completion
from extproc.observer.access_log import AccessLogReader
from extproc.transport.calls import Call, Service
from extproc.transport.wire import StreamAccessLogsMessage

__all__ = ["access_log_service"]

_log = logging.getLogger(__name__)


def access_log_service(hear: Callable[[Attempt | Completion], None]) -> Service:
    """The service that Envoy sends its access log to.

    Args:
        hear: is told of each attempt and of each completed request.
    """

    async def stream(call: Call) -> None:
        reader = AccessLogReader()
        while (message := await call.read()) is not None:
            for event in reader.read(message):
                try:
                    hear(event)
                except Exception:  # noqa: BLE001 - one entry must not end the log
                    _log.exception("an entry of the access log could not be learned from")

    return Service(
        name="envoy.service.accesslog.v3.AccessLogService",
        method="StreamAccessLogs",
        read=StreamAccessLogsMessage.FromString,
        process=stream,
    )
