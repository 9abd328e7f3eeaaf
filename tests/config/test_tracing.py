"""The section ``tracing``: what it means, and what is wrong with one."""

from __future__ import annotations

import pytest

from extproc.config import ConfigError, parse
from extproc.core.config_json import from_json, to_json
from extproc.core.tracing import OtlpProtocol, Tracing

TEXT = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: $KEY}]
tracing: %s
"""
ENVIRONMENT = {"KEY": "k", "COLLECTOR": "http://collector:4317", "STAGE": "test"}


def traced(section: str) -> Tracing | None:
    config = parse(TEXT % section, ENVIRONMENT).config
    assert from_json(to_json(config)) == config
    return config.tracing


def problems(section: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        traced(section)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("section", "means"),
    [
        ("", None),
        ("{}", None),
        ("{random_sampling: 0, openinference: true}", None),
        ("{trace_arch_internal: true}", None),
        ("{random_sampling: 100}", Tracing(100.0)),
        ("{random_sampling: 0.5}", Tracing(0.5)),
        ("{capture_content: true}", Tracing(capture_content=True)),
        ("{openinference: true}", Tracing(openinference=True)),
        (
            "{opentracing_grpc_endpoint: $COLLECTOR}",
            Tracing(endpoint="http://collector:4317", protocol=OtlpProtocol.GRPC),
        ),
        (
            "{opentracing_grpc_endpoint: 'https://collector:4317/'}",
            Tracing(endpoint="https://collector:4317", protocol=OtlpProtocol.GRPC),
        ),
        (
            "{otlp_http_endpoint: 'http://collector:4318'}",
            Tracing(endpoint="http://collector:4318/v1/traces", protocol=OtlpProtocol.HTTP),
        ),
        (
            "{otlp_http_endpoint: 'https://cloud.example/api/public/otel/v1/traces'}",
            Tracing(
                endpoint="https://cloud.example/api/public/otel/v1/traces",
                protocol=OtlpProtocol.HTTP,
            ),
        ),
        (
            "{span_attributes: {header_prefixes: [X-Acme-], static: {stage: $STAGE, n: 1, b: no}}}",
            Tracing(header_prefixes=("x-acme-",), attributes={"stage": "test", "n": 1, "b": False}),
        ),
    ],
)
def test_what_it_means(section: str, means: Tracing | None) -> None:
    assert traced(section) == means


PREFIXES = "tracing.span_attributes.header_prefixes"
OF_CREDENTIALS = (
    "also begins the names of headers that hold credentials: write more of it (x-team-)"
)
OURS = "is the proxy's own, of which there is nothing to tell"
NO_PATH = "must not have a path: gRPC has its own (http://localhost:4317)"
ONE_OF_THEM = "must not stand beside opentracing_grpc_endpoint: spans go to one of them"
PERCENT = "tracing.random_sampling: must be a number from 0 to 100"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{random_sampling: 101}", [PERCENT]),
        ("{random_sampling: -1}", [PERCENT]),
        ("{random_sampling: all}", [PERCENT]),
        ("{random_sampling: true}", [PERCENT]),
        (
            "{opentracing_grpc_endpoint: 'http://collector:4317/v1/traces'}",
            [f"tracing.opentracing_grpc_endpoint: {NO_PATH}"],
        ),
        (
            "{opentracing_grpc_endpoint: 'collector:4317'}",
            ["tracing.opentracing_grpc_endpoint: must be a URL such as https://name.example/path"],
        ),
        (
            "{otlp_http_endpoint: 'https://user:secret@collector'}",
            ["tracing.otlp_http_endpoint: must not hold credentials"],
        ),
        (
            "{opentracing_grpc_endpoint: 'http://a:1', otlp_http_endpoint: 'http://b:2'}",
            [f"tracing.otlp_http_endpoint: {ONE_OF_THEM}"],
        ),
        (
            "{span_attributes: {header_prefixes: [x-]}}",
            [f"{PREFIXES}[0]: {OF_CREDENTIALS}"],
        ),
        (
            "{span_attributes: {header_prefixes: [Auth, x-dragoman-, x team]}}",
            [
                f"{PREFIXES}[0]: {OF_CREDENTIALS}",
                f"{PREFIXES}[1]: {OURS}",
                f"{PREFIXES}[2]: is not a valid header name",
            ],
        ),
        ("{capture_content: 1}", ["tracing.capture_content: must be true or false"]),
        (
            "{span_attributes: {headers: [x-a-]}}",
            ["tracing.span_attributes.headers: unknown key; did you mean 'header_prefixes'?"],
        ),
        (
            "{opentracing_grpc_endpoint: $NOWHERE}",
            ["tracing.opentracing_grpc_endpoint: environment variable NOWHERE is not set"],
        ),
    ],
)
def test_what_is_wrong(section: str, told: list[str]) -> None:
    assert problems(section) == told


def test_an_attribute_is_no_list() -> None:
    (problem, *_) = problems("{span_attributes: {static: {a: [1]}}}")
    assert problem.startswith("tracing.span_attributes.static.a")
