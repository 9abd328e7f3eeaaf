"""Which requests leave spans."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import pytest

from extproc.core.tracing import Tracing
from extproc.tracing.sampling import Sampler, sampler_for
from extproc.tracing.trace_context import Parent

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
YES, NO = Parent(TRACE, "00f067aa0ba902b7", True), Parent(TRACE, "00f067aa0ba902b7", False)


def test_a_parents_word_counts() -> None:
    assert Sampler(0.0).samples(TRACE, YES)
    assert not Sampler(100.0).samples(TRACE, NO)
    assert not Sampler(0.0, heeds_parent=False).samples(TRACE, YES)
    assert Sampler(100.0, heeds_parent=False).samples(TRACE, NO)


@pytest.mark.parametrize("percentage", [0.0, 1.0, 25.0, 90.0, 100.0])
def test_a_share_of_all_traces(percentage: float) -> None:
    """Their ids are those that Envoy makes of requests without a trace."""
    traces = [
        uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128, version=4).hex
        for number in range(1, 4001)
    ]
    sampled = sum(Sampler(percentage).samples(trace, None) for trace in traces)
    assert sampled == pytest.approx(40 * percentage, abs=80 if 0 < percentage < 100 else 0)


def test_who_is_sampled_of_few_is_sampled_of_more() -> None:
    traces = [f"{number * 0x9E3779B97F4A7C15 % 2**64:032x}" for number in range(1, 500)]
    few = {trace for trace in traces if Sampler(10.0).samples(trace, None)}
    more = {trace for trace in traces if Sampler(30.0).samples(trace, None)}
    assert few < more
    assert few == {trace for trace in traces if Sampler(10.0).samples(trace, None)}


@pytest.mark.parametrize(
    ("percentage", "environment", "sampler"),
    [
        (None, {}, Sampler(100.0)),
        (25.0, {"OTEL_TRACES_SAMPLER": "always_off"}, Sampler(25.0)),
        (None, {"OTEL_TRACES_SAMPLER": "always_off"}, Sampler(0.0, heeds_parent=False)),
        (None, {"OTEL_TRACES_SAMPLER": "parentbased_always_on"}, Sampler(100.0)),
        (
            None,
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.2"},
            Sampler(20.0),
        ),
        (None, {"OTEL_TRACES_SAMPLER": "traceidratio"}, Sampler(100.0, heeds_parent=False)),
    ],
)
def test_the_file_goes_before_the_environment(
    percentage: float | None, environment: Mapping[str, str], sampler: Sampler
) -> None:
    assert sampler_for(Tracing(percentage), environment) == sampler


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"OTEL_TRACES_SAMPLER": "sometimes"}, "OTEL_TRACES_SAMPLER is none of"),
        (
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "20"},
            "OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1",
        ),
        (
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "all"},
            "OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1",
        ),
    ],
)
def test_what_cannot_be_understood_is_said_and_every_request_traced(
    environment: Mapping[str, str], complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert sampler_for(Tracing(), environment) == Sampler(100.0)
    assert complaint in caplog.text
