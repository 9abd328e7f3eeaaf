"""Clusters that are filled in from one template, and that each is what it would be alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from extproc.bootstrap.model_clusters import ModelClusters
from extproc.bootstrap.tree import Tree
from extproc.core.config import Limits
from extproc.core.models import ClientKey, Credential, Dialect, Endpoint, Model, Proxy

FORWARDED = frozenset({"x-tenant"})
PLAIN = Model(
    "openai/gpt",
    "openai",
    "gpt",
    Endpoint("https", "api.example", 443, "api.example"),
    {Dialect.CHAT: "/v1/chat/completions"},
    Credential("authorization", "Bearer ", "KEY"),
)
VARIANTS = {
    "plain": PLAIN,
    "another name": replace(PLAIN, name="openai/gpt-5"),
    "a wildcard's": replace(PLAIN, entry="openai/*"),
    "another host": replace(PLAIN, endpoint=Endpoint("https", "b.example", 8443, "b.example:8443")),
    "an address": replace(PLAIN, endpoint=Endpoint("https", "192.0.2.1", 443, "192.0.2.1")),
    "another address": replace(PLAIN, endpoint=Endpoint("https", "192.0.2.2", 443, "192.0.2.2")),
    "no TLS": replace(PLAIN, endpoint=Endpoint("http", "127.0.0.1", 80, "127.0.0.1")),
    "another key": replace(PLAIN, credential=Credential("authorization", "Bearer ", "OTHER")),
    "another key's header": replace(PLAIN, credential=Credential("x-api-key", "", "KEY")),
    "another key's prefix": replace(PLAIN, credential=Credential("authorization", "Key ", "KEY")),
    "no key": replace(PLAIN, credential=None),
    "a client's key": replace(PLAIN, credential=None, client_key=ClientKey("x-api-key", "")),
    "a secret header": replace(PLAIN, secret_headers=(Credential("x-secret", "", "SECRET"),)),
    "headers": replace(PLAIN, headers={"x-team": "red"}),
    "another header": replace(PLAIN, headers={"x-team": "blue"}),
    "a default header": replace(PLAIN, default_headers={"x-team": "red"}),
    "a proxy": replace(PLAIN, proxy=Proxy("http", "proxy.example", 3128)),
    "another proxy": replace(PLAIN, proxy=Proxy("http", "b.example", 3128)),
    "a proxy with credentials": replace(PLAIN, proxy=Proxy("http", "b.example", 3128, "PROXY_KEY")),
    "a forwarded header": replace(PLAIN, forward_headers=("x-tenant",)),
}


def clusters() -> ModelClusters:
    return ModelClusters(Limits(), "/ca.pem", FORWARDED)


def by_itself(model: Model) -> Tree:
    return clusters().tree(model)


@pytest.mark.parametrize("order", [1, -1], ids=["as listed", "backwards"])
def test_a_cluster_is_what_it_is_without_the_others(order: int) -> None:
    together = clusters()
    for name, model in list(VARIANTS.items())[::order]:
        assert together.tree(model) == by_itself(model), name


def test_entries_that_differ_have_clusters_that_differ() -> None:
    texts = {json.dumps(by_itself(model)) for model in VARIANTS.values()}
    assert len(texts) == len(VARIANTS)


@pytest.mark.parametrize("model", VARIANTS.values(), ids=VARIANTS)
def test_no_hole_is_left(model: Model) -> None:
    text = json.dumps(by_itself(model))
    assert "\\u0000" not in text
    assert str(2**32 - 1) not in text


def test_what_is_filled_in() -> None:
    model = replace(
        VARIANTS["another host"],
        name="openai/日本",
        credential=Credential("authorization", "Bearer ", "KEY_1"),
        secret_headers=(Credential("x-one", "", "KEY_2"), Credential("x-two", "", "KEY_1")),
    )
    cluster = by_itself(model)
    assert cluster["name"] == cluster["load_assignment"]["cluster_name"]
    assert cluster["name"] == "openai/%E6%97%A5%E6%9C%AC"
    (locality,) = cluster["load_assignment"]["endpoints"]
    (member,) = locality["lb_endpoints"]
    assert member["endpoint"] == {
        "address": {"socket_address": {"address": "b.example", "port_value": 8443}},
        "hostname": "b.example:8443",
    }
    assert cluster["transport_socket"]["typed_config"]["sni"] == "b.example"
    (options,) = cluster["typed_extension_protocol_options"].values()
    injected = [
        credential["typed_config"]
        for filter_ in options["http_filters"]
        if (credential := filter_["typed_config"].get("credential"))
    ]
    assert [(one["header"], one["credential"]["name"]) for one in injected] == [
        ("authorization", "KEY_1"),
        ("x-one", "KEY_2"),
        ("x-two", "KEY_1"),
    ]
    assert injected[0]["header_value_prefix"] == "Bearer "


@pytest.mark.parametrize(
    ("host", "shortest"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:0:0:0:0:0:1", "2001:db8::1")],
)
def test_a_certificates_address_is_compared_in_its_shortest_form(host: str, shortest: str) -> None:
    cluster = by_itself(replace(PLAIN, endpoint=Endpoint("https", host, 443, host)))
    context = cluster["transport_socket"]["typed_config"]["common_tls_context"]
    assert context["validation_context"]["match_typed_subject_alt_names"] == [
        {"san_type": "IP_ADDRESS", "matcher": {"exact": shortest}}
    ]


def test_copies_share_nothing() -> None:
    together = clusters()
    one, other = together.tree(PLAIN), together.tree(VARIANTS["another name"])
    one["load_assignment"]["endpoints"].clear()
    assert other["load_assignment"]["endpoints"]
    assert by_itself(VARIANTS["another name"]) == other
