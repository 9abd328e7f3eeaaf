"""How the provider of an entry is reached, and what it may see."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from extproc.bootstrap.model_clusters import model_cluster
from extproc.bootstrap.tree import Tree, tree
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


def cluster_of(model: Model) -> Tree:
    return tree(model_cluster(model, Limits(), "/ca.pem", FORWARDED))


def test_entries_that_differ_have_clusters_that_differ() -> None:
    texts = {json.dumps(cluster_of(model)) for model in VARIANTS.values()}
    assert len(texts) == len(VARIANTS)


def test_how_a_provider_is_reached() -> None:
    model = replace(
        VARIANTS["another host"],
        name="openai/日本",
        credential=Credential("authorization", "Bearer ", "KEY_1"),
        secret_headers=(Credential("x-one", "", "KEY_2"), Credential("x-two", "", "KEY_1")),
    )
    cluster = cluster_of(model)
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
    cluster = cluster_of(replace(PLAIN, endpoint=Endpoint("https", host, 443, host)))
    context = cluster["transport_socket"]["typed_config"]["common_tls_context"]
    assert context["validation_context"]["match_typed_subject_alt_names"] == [
        {"san_type": "IP_ADDRESS", "matcher": {"exact": shortest}}
    ]
