"""What Envoy does before it runs out of memory, connections or file descriptors: it closes idle
connections, then takes no more, and at last refuses requests. Whatever is in flight goes on.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/operations/overload_manager/overload_manager
"""

from __future__ import annotations

from typing import Final

from extproc.bootstrap.typed import any_of, seconds
from extproc.core.resources import Resources
from extproc.envoy_api.messages import (
    DownstreamConnectionsConfig,
    FixedHeapConfig,
    InjectedResourceConfig,
    Message,
    OverloadAction,
    OverloadManager,
    ResourceMonitor,
    ScaledTrigger,
    ScaleTimersOverloadActionConfig,
    ScaleTimersOverloadActionConfigScaleTimer,
    ScaleTimersOverloadActionConfigTimerType,
    ThresholdTrigger,
    Trigger,
)

__all__ = ["overload_manager"]

_CONNECTIONS: Final = "global_downstream_max_connections"
_HEAP: Final = "fixed_heap"
_TOLD: Final = "injected_resource"
_SHORTEST_IDLE: Final = 5.0
"""Seconds that an idle connection is kept when nearly all is used up."""


def overload_manager(resources: Resources) -> OverloadManager:
    """Envoy's overload manager, which keeps to these resources.

    No trigger sees how many connections there are: Envoy only refuses those beyond the limit. That
    is why it is told by a file, along with the file descriptors, which it does not count at all.
    """
    monitors = [_monitor(_CONNECTIONS, _connections(resources.connections))]
    idle, actions = [], []
    if resources.pressure_path is not None:
        told = InjectedResourceConfig(filename=resources.pressure_path)
        monitors.append(_monitor(_TOLD, told))
        idle.append(_scaled(_TOLD))
        actions.append(_action("stop_accepting_connections", _TOLD, 0.97))
    if resources.memory is not None:
        heap = FixedHeapConfig(max_heap_size_bytes=resources.memory)
        monitors.append(_monitor(_HEAP, heap))
        idle.append(_scaled(_HEAP))
        actions += [
            _action("shrink_heap", _HEAP, 0.85),
            _action("disable_http_keepalive", _HEAP, 0.9),
            _action("stop_accepting_requests", _HEAP, 0.97),
        ]
    if idle:
        actions.append(_shorter_idle_times(idle))
    return OverloadManager(
        refresh_interval=seconds(0.25), resource_monitors=monitors, actions=actions
    )


def _monitor(name: str, config: Message) -> ResourceMonitor:
    return ResourceMonitor(name=_resource(name), typed_config=any_of(config))


def _resource(name: str) -> str:
    return f"envoy.resource_monitors.{name}"


def _connections(most: int) -> DownstreamConnectionsConfig:
    return DownstreamConnectionsConfig(max_active_downstream_connections=most)


def _scaled(resource: str) -> Trigger:
    trigger = ScaledTrigger(scaling_threshold=0.7, saturation_threshold=0.95)
    return Trigger(name=_resource(resource), scaled=trigger)


def _action(name: str, resource: str, share: float) -> OverloadAction:
    trigger = Trigger(name=_resource(resource), threshold=ThresholdTrigger(value=share))
    return OverloadAction(name=f"envoy.overload_actions.{name}", triggers=[trigger])


def _shorter_idle_times(triggers: list[Trigger]) -> OverloadAction:
    timer = ScaleTimersOverloadActionConfigScaleTimer(
        timer=ScaleTimersOverloadActionConfigTimerType.HTTP_DOWNSTREAM_CONNECTION_IDLE,
        min_timeout=seconds(_SHORTEST_IDLE),
    )
    return OverloadAction(
        name="envoy.overload_actions.reduce_timeouts",
        triggers=triggers,
        typed_config=any_of(ScaleTimersOverloadActionConfig(timer_scale_factors=[timer])),
    )
