"""Whether the providers can be reached, take their keys, and know their models."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from extproc.core.models import Dialect, Endpoint, Model
from extproc.dialects.table import DIALECTS
from extproc.doctor.finding import Finding, Patient, State
from extproc.sidecar.preparation import authorities

__all__ = ["providers"]

_PATIENCE: Final = httpx.Timeout(20.0, connect=5.0)
_SKEW: Final = 60.0
"""Seconds by which a clock may be wrong before certificates and times of prices suffer."""
_FEW_TOKENS: Final = 16
_QUESTION: Final = [{"role": "user", "content": "Say ok."}]
_BODIES: Final = {
    Dialect.CHAT: {"messages": _QUESTION, "max_tokens": _FEW_TOKENS},
    Dialect.MESSAGES: {"messages": _QUESTION, "max_tokens": _FEW_TOKENS},
    Dialect.RESPONSES: {"input": "Say ok.", "max_output_tokens": _FEW_TOKENS},
}
_TROUBLES: Final = (
    (
        ("[Errno -", "nodename nor servname"),  # what getaddrinfo fails by has such numbers
        "its name is not known",
        "Check base_url, and the DNS of this machine (/etc/resolv.conf).",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "its certificate is not trusted",
        "Name the authority that signed it: overrides.upstream_tls_ca_path.",
    ),
    (
        ("SSL", "TLS"),
        "it does not speak TLS as it should",
        "Check the scheme and the port of base_url.",
    ),
    (
        ("refused", "ConnectionRefusedError"),
        "nothing listens there",
        "Start it, or check the host and the port of base_url.",
    ),
)
"""Parts of what an error and its causes say, what they mean, and what to do."""
_UNREACHABLE: Final = "Check the network, firewalls, and whether a proxy is needed (HTTPS_PROXY)."


@dataclass(slots=True)
class _Reached:
    """What was found of all providers."""

    findings: list[Finding] = field(default_factory=list)
    skews: list[float] = field(default_factory=list)


async def providers(patient: Patient) -> Sequence[Finding]:
    """Reach each provider once, ask it something if that is allowed, and compare clocks."""
    reached = _Reached()
    trusted = ssl.create_default_context(cafile=patient.config.tls_ca_path or authorities())
    models = [*patient.config.models]
    if patient.config.intent.router is not None:
        models.append(patient.config.intent.router)
    await asyncio.gather(*(_reach(model, patient, trusted, reached) for model in _each(models)))
    return [*sorted(reached.findings, key=lambda each: each.subject), _clock(reached.skews)]


def _each(models: Iterable[Model]) -> list[Model]:
    """One model for each provider and key, a concrete one if there is one."""
    found: dict[tuple[Endpoint, Any], Model] = {}
    for model in models:
        key = (model.endpoint, model.credential)
        if key not in found or found[key].is_wildcard:
            found[key] = model
    return [*found.values()]


async def _reach(
    model: Model, patient: Patient, trusted: ssl.SSLContext, reached: _Reached
) -> None:
    endpoint = model.endpoint
    url = f"{endpoint.scheme}://{_host(endpoint.host)}:{endpoint.port}"
    subject = f"{model.provider} at {endpoint.host}:{endpoint.port}"
    client = httpx.AsyncClient(
        base_url=url,
        headers={"host": endpoint.http_host},
        verify=trusted,
        proxy=_proxy(model, patient),
        trust_env=False,
        timeout=_PATIENCE,
    )
    async with client:
        began = time.monotonic()
        try:
            response = await client.head("/")
        except httpx.HTTPError as error:
            reached.findings.append(_unreached(subject, model, error))
            return
        took = time.monotonic() - began
        reached.skews += _skew(response)
        how = f"reached in {took:.2f} s" + (f" through {model.proxy.host}" if model.proxy else "")
        reached.findings.append(Finding(subject, State.OK, how))
        if patient.calls and (model.credential is not None or model.client_key is None):
            reached.findings.append(await _called(client, model, patient))


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _proxy(model: Model, patient: Patient) -> httpx.Proxy | None:
    if model.proxy is None:
        return None
    variable = model.proxy.authorization
    headers = {"proxy-authorization": patient.secrets[variable]} if variable else {}
    address = f"{model.proxy.scheme}://{_host(model.proxy.host)}:{model.proxy.port}"
    return httpx.Proxy(address, headers=headers)


def _unreached(subject: str, model: Model, error: httpx.HTTPError) -> Finding:
    if model.proxy is not None:
        found = f"not reached through the proxy {model.proxy.host}:{model.proxy.port}"
        advice = "Check the proxy and what it allows, or set proxy: false for this provider."
        return Finding(subject, State.FAILED, f"{found} ({type(error).__name__})", advice)
    text = _said(error)
    for signs, meaning, advice in _TROUBLES:
        if any(sign in text for sign in signs):
            return Finding(subject, State.FAILED, f"not reached: {meaning}", advice)
    kind = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
    return Finding(subject, State.FAILED, f"not reached: {kind}", _UNREACHABLE)


def _said(error: BaseException | None) -> str:
    """What an error and those before it are and say: that a port is closed, only these tell."""
    if error is None:
        return ""
    before = error.__cause__ or error.__context__
    causes = error.exceptions if isinstance(error, BaseExceptionGroup) else (before,)
    return "\n".join((f"{type(error).__name__}: {error}", *map(_said, causes)))


def _skew(response: httpx.Response) -> list[float]:
    try:
        return [time.time() - parsedate_to_datetime(response.headers["date"]).timestamp()]
    except (KeyError, ValueError):
        return []


def _clock(skews: Sequence[float]) -> Finding:
    if not skews:
        return Finding("clock", State.NOTE, "nobody who was reached told the time")
    # One provider's clock may be wrong; ours is if all of them say so.
    least = min(skews, key=abs)
    if abs(least) <= _SKEW:
        return Finding("clock", State.OK, "as the providers' clocks")
    found = f"{abs(least):.0f} s {'ahead' if least > 0 else 'behind'}"
    return Finding("clock", State.FAILED, found, "Set it: timedatectl set-ntp true.")


async def _called(client: httpx.AsyncClient, model: Model, patient: Patient) -> Finding:
    subject = f"call of {model.name}"
    headers = dict(model.default_headers) | dict(model.headers)
    for credential in model.credentials:
        headers[credential.header] = f"{credential.prefix}{patient.secrets[credential.variable]}"
    dialect, path = next(iter(model.paths.items()))
    began = time.monotonic()
    try:
        if model.is_wildcard:
            ending = DIALECTS[dialect].path_ending
            response = await client.get(f"{path.removesuffix(ending)}/models", headers=headers)
        else:
            response = await client.post(
                path.format(model=model.model_id),
                json={"model": model.model_id} | _BODIES[dialect],
                headers=headers,
            )
    except httpx.HTTPError as error:
        return Finding(subject, State.FAILED, f"no answer: {type(error).__name__}", _UNREACHABLE)
    return _answered(subject, model, response.status_code, time.monotonic() - began)


def _answered(subject: str, model: Model, status: int, took: float) -> Finding:
    """What a status says; the body is not shown, for it may repeat the key."""
    if status < 300:
        return Finding(subject, State.OK, f"answered in {took:.2f} s")
    variable = model.credential.variable if model.credential else "access_key"
    if status in (401, 403):
        found = f"the key is refused ({status})"
        return Finding(subject, State.FAILED, found, f"Put a valid key into {variable}.")
    if status == 404:
        advice = "Check its name, and the path of base_url."
        return Finding(subject, State.FAILED, "the model, or the path, is not known (404)", advice)
    if status in (402, 429):
        advice = "Look at the account's balance and limits."
        return Finding(subject, State.NOTE, f"the account has reached a limit ({status})", advice)
    if status < 500:
        found = f"the key is taken, and the question refused ({status})"
        return Finding(subject, State.NOTE, found, "Send it a request of your own.")
    return Finding(subject, State.FAILED, f"the provider fails ({status})", "Try again later.")
