"""What the whole comparison measures: in each section some set-ups take turns under one load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from benchmarks import setups
from benchmarks.rounds import Load
from benchmarks.setups import SetUp

__all__ = ["SECTIONS", "Section", "sections"]


@dataclass(frozen=True, slots=True)
class Section:
    """One load: its name, what it shows, and the set-ups that are driven with it, of which
    ``peers`` only where other gateways are measured, too."""

    name: str
    shows: str
    load: Load
    setups: Sequence[SetUp]
    peers: Sequence[SetUp] = ()


_PEERS: Final = (setups.PORTKEY_WHOLE, setups.LITELLM_WHOLE)
_LOAD: Final = Load(rounds=3, seconds=2.0)
_LARGE: Final = 300 * 1024

SECTIONS: Final = (
    Section(
        "2 KB",
        "A chat request of 2 KB, 16 connections that each send on as soon as they are answered.",
        _LOAD,
        (
            setups.ENVOY,
            setups.EMPTY,
            setups.EMPTY_GRPCIO,
            setups.PIPELINE,
            setups.CLASSIFIED,
            setups.MIXED,
            setups.FAILING_OVER,
            setups.TRANSLATED,
            setups.GUARDED,
            setups.GUARDED_BOTH_WAYS,
        ),
        _PEERS,
    ),
    Section(
        "one connection",
        "The same request from one connection, so that nothing waits for anything else.",
        replace(_LOAD, connections=1),
        (
            setups.DIRECT,
            setups.ENVOY,
            setups.EMPTY,
            setups.PIPELINE,
            setups.CLASSIFIED,
            setups.TRANSLATED,
        ),
        _PEERS,
    ),
    Section(
        "256 connections",
        "The same request from 256 connections: what a queue costs.",
        replace(_LOAD, connections=256),
        (setups.ENVOY, setups.PIPELINE),
        _PEERS,
    ),
    Section(
        "300 KB",
        "A chat request of 300 KB, 16 connections.",
        replace(_LOAD, body_bytes=_LARGE),
        (setups.ENVOY, setups.EMPTY, setups.PIPELINE, setups.CLASSIFIED),
        _PEERS,
    ),
    Section(
        "streams",
        "Streams of 64 deltas that the upstream sends all at once, 16 connections.",
        _LOAD,
        (setups.STREAMED, setups.TRANSLATED_STREAM, setups.GUARDED_STREAM),
    ),
    Section(
        "paced streams",
        "Streams of 64 deltas, one every 20 ms, 16 connections: the time to the first delta, and "
        "how long each delta is under way from the upstream to the client.",
        replace(_LOAD, seconds=4.0),
        (setups.DIRECT_PACED, setups.ENVOY_PACED, setups.PACED, setups.TRANSLATED_PACED),
        # Portkey 1.15.2 answers every stream from here with 500: a TypeError, its headers being
        # "immutable", on Node.js 20 and 22 alike.
        (setups.LITELLM_PACED,),
    ),
    Section(
        "25 a second",
        "25 requests are due each second, whether or not earlier ones are answered.",
        replace(_LOAD, rate=25.0, seconds=4.0),
        (setups.DIRECT, setups.ENVOY, setups.PIPELINE, setups.CLASSIFIED),
        _PEERS,
    ),
    Section(
        "250 a second",
        "250 requests are due each second.",
        replace(_LOAD, rate=250.0),
        (setups.DIRECT, setups.ENVOY, setups.PIPELINE, setups.CLASSIFIED),
    ),
    Section(
        "1,000 a second",
        "1,000 requests are due each second, from 256 connections. Where fewer are answered, the "
        "machine cannot do more, and those that wait make the latencies.",
        replace(_LOAD, rate=1000.0, connections=256),
        (setups.DIRECT, setups.ENVOY, setups.PIPELINE),
    ),
)


def sections(*, peers: bool) -> Sequence[Section]:
    """Those that are measured, each with all its set-ups.

    Args:
        peers: whether other gateways take part.
    """
    return [
        replace(one, setups=(*one.setups, *(one.peers if peers else ())), peers=())
        for one in SECTIONS
    ]
