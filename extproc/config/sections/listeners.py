"""The section ``listeners`` in both of its forms: a list, or the older mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from extproc.config.explanations import unknown_key
from extproc.config.fields import Duration, Entry, Name
from extproc.config.reading import Reader, given
from extproc.config.section import File, Section, list_of, ref
from extproc.config.sections.settings import Extension
from extproc.config.units import address_and_port, overlap
from extproc.config.writing import written
from extproc.core.config import Config, Listener
from extproc.core.problems import Problem, place

__all__ = ["SECTION", "CorsEntry", "LegacyListenerEntry", "ListenerEntry", "Listeners"]

_KEY: Final = "listeners"
_EGRESS: Final = "egress_traffic"
_INGRESS: Final = "ingress_traffic"
_OTHER_TYPES: Final = ("agent", "prompt")
_NOT_SERVED: Final = "ignored: only listeners of type model are served"
_NO_AGENTS: Final = "ignored: a listener of type model has no agents"
_EVERY_FORMAT: Final = "every format is served: remove it"
_OLDER_CHAIN: Final = "filter_chain"
_CHAIN: Final = "input_filters"
_DEFAULT: Final = Listener()
_MOST_FILTERS: Final = 100

_ORIGIN: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?"
)
"""As browsers send it: https://fetch.spec.whatwg.org/#origin-header"""


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address such as 0.0.0.0 or 127.0.0.1") from None


def _origin(text: str) -> str:
    if text != "*" and not _ORIGIN.fullmatch(text):
        raise ValueError("must be an origin such as https://app.example:8443, in lower case, or *")
    return text


def _type(value: object) -> object:
    if value != "model":
        others = " and ".join(_OTHER_TYPES)
        raise ValueError(f"must be model; listeners of type {others} load and are not served")
    return value


class CorsEntry(Entry):
    """Which pages in browsers may call this listener."""

    takes_variables: ClassVar = True

    origins: list[Annotated[str, AfterValidator(_origin)]] = Field(min_length=1, max_length=100)


class LegacyListenerEntry(Entry):
    """The value of ``listeners.egress_traffic``, the older form of a listener."""

    unused: ClassVar = {"message_format": "ignored: every format is served"}
    takes_variables: ClassVar = True

    address: Annotated[str, AfterValidator(_address)] = _DEFAULT.address
    port: Annotated[int, Field(ge=1, le=65535)] = _DEFAULT.port
    timeout: Duration = _DEFAULT.timeout


class ListenerEntry(LegacyListenerEntry):
    """An item of ``listeners`` of ``type: model``."""

    unused: ClassVar = {
        "agents": _NO_AGENTS,
        "router": _NO_AGENTS,
    }
    former: ClassVar = {
        "message_format": _EVERY_FORMAT,
        "model_providers": "write it at the root",
        "protocol": _EVERY_FORMAT,
    }
    braced: ClassVar = frozenset({"name"})
    literal: ClassVar = frozenset({"api_keys"})
    secret: ClassVar = frozenset({"api_keys"})

    type: Annotated[Literal["model"], BeforeValidator(_type)]
    name: Name | None = None
    max_retries: Annotated[int, Field(ge=0, le=100)] | None = None
    api_keys: list[str] = Field(default_factory=list)
    cors: CorsEntry | None = None
    input_filters: list[Name] = Field(default_factory=list, max_length=_MOST_FILTERS)
    filter_chain: list[Name] = Field(
        default_factory=list, max_length=_MOST_FILTERS, json_schema_extra={"deprecated": True}
    )
    output_filters: list[Name] = Field(default_factory=list, max_length=_MOST_FILTERS)


@dataclass(frozen=True, slots=True)
class Listeners:
    """The listeners of ``type: model``, by their position in the list or key in the mapping."""

    entries: Mapping[int | str, ListenerEntry]


def _read(root: Mapping[Any, Any], reader: Reader) -> Listeners:
    raw = root.get(_KEY)
    if isinstance(raw, dict):
        return Listeners(_legacy(given(raw), reader))
    skipped: set[int] = set()
    for index, item in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(item, dict) and reader.settled(item.get("type")) in _OTHER_TYPES:
            skipped.add(index)
            _ignore(item, ListenerEntry, reader, index)
    entries: dict[int | str, ListenerEntry] = {}
    entries.update(reader.items(ListenerEntry, raw, _KEY, skipped).items())
    return Listeners(entries)


def _legacy(raw: Mapping[Any, Any], reader: Reader) -> Mapping[int | str, ListenerEntry]:
    for key in raw:
        if key == _INGRESS:
            _ignore(raw[key], LegacyListenerEntry, reader, key)
        elif key != _EGRESS:
            reader.problems.append(unknown_key((_KEY, str(key)), [_EGRESS, _INGRESS], {}))
    entry = reader.entry(LegacyListenerEntry, raw.get(_EGRESS, {}), _KEY, _EGRESS)
    if entry is None:
        return {}
    listener = ListenerEntry(
        type="model", address=entry.address, port=entry.port, timeout=entry.timeout
    )
    return {_EGRESS: listener}


def _ignore(raw: Any, kind: type[Entry], reader: Reader, step: str | int) -> None:
    path = (_KEY, step)
    known = kind.known_keys()
    port = raw.get("port") if isinstance(raw, dict) else None
    unheard = f"; nobody listens on port {port}" if isinstance(port, int) else ""
    reader.warnings.append(Problem(place(*path), _NOT_SERVED + unheard))
    for key in raw if isinstance(raw, dict) else ():
        if key not in known:
            reader.problems.append(unknown_key((*path, str(key)), known, kind.former))


def _look_up(file: File) -> None:
    for index, listener in file.sections[Listeners].entries.items():
        for position, key in enumerate(listener.api_keys):
            file.secrets.look_up(key, place(_KEY, index, "api_keys", position))


def _problems(file: File) -> Iterator[Problem]:
    if len(file.sections[Listeners].entries) > 1:
        yield Problem(_KEY, "Currently only one listener can have model_providers set")
    for index, listener in file.sections[Listeners].entries.items():
        if listener.filter_chain and listener.input_filters:
            message = f"is the older name of {_CHAIN}, which stands there too: keep one of them"
            yield Problem(place(_KEY, index, _OLDER_CHAIN), message)
    extension = file.sections[Extension]
    admin = address_and_port(extension.admin_address)
    if "admin_address" in extension.model_fields_set:
        for listener in file.sections[Listeners].entries.values() or (ListenerEntry(type="model"),):
            if overlap((listener.address, listener.port), admin):
                yield Problem(
                    "dragoman.admin_address",
                    f"is where the listener is ({listener.address}:{listener.port}): "
                    "choose another port",
                )


def _advice(file: File) -> Iterator[Problem]:
    attempt = file.sections[Extension].attempt_timeout
    for index, listener in file.sections[Listeners].entries.items():
        if listener.filter_chain:
            yield Problem(place(_KEY, index, _OLDER_CHAIN), f"deprecated: write {_CHAIN} instead")
        if not (listener.api_keys or ip_address(listener.address).is_loopback):
            yield Problem(
                place(_KEY, index, "address"),
                f"whoever reaches {listener.address} can spend the providers' keys: name the keys "
                "that clients must have in api_keys, or listen on 127.0.0.1",
            )
        if listener.timeout <= attempt:
            yield Problem(
                place(_KEY, index, "timeout"),
                f"after {listener.timeout:g}s no time is left for the next model when one stays "
                f"silent for dragoman.attempt_timeout ({attempt:g}s): lower that one",
            )


def _write(file: File) -> Mapping[str, Any]:
    entries = file.sections[Listeners].entries
    shown = [written(entry, file.root[_KEY][key]) for key, entry in entries.items()]
    for each in shown:
        if (chain := each.pop(_OLDER_CHAIN, None)) is not None:
            each[_CHAIN] = chain
    shown = shown or [written(ListenerEntry(type="model"))]
    return {_KEY: [{"type": "model"} | listener for listener in shown]}


def _build(config: Config, file: File) -> Config:
    for index, entry in file.sections[Listeners].entries.items():
        paths = (place(_KEY, index, "api_keys", each) for each in range(len(entry.api_keys)))
        listener = Listener(
            entry.address,
            entry.port,
            entry.timeout,
            entry.max_retries,
            tuple(entry.cors.origins) if entry.cors else (),
            tuple(file.secrets.variables[path] for path in paths),
        )
        return replace(config, listener=listener)
    return config


def _schema() -> dict[str, Any]:
    other = {
        "type": "object",
        "description": _NOT_SERVED,
        "properties": {
            **{key: {} for key in ListenerEntry.known_keys()},
            "type": {"enum": list(_OTHER_TYPES)},
        },
        "required": ["type"],
        "additionalProperties": False,
    }
    legacy = {
        "type": "object",
        "deprecated": True,
        "properties": {_EGRESS: ref(LegacyListenerEntry), _INGRESS: ref(LegacyListenerEntry)},
        "additionalProperties": False,
    }
    return {"anyOf": [list_of(ref(ListenerEntry), other), legacy]}


SECTION: Final = Section(
    kind=Listeners,
    read=_read,
    schema={_KEY: _schema()},
    entries={
        "`listeners[]`": ListenerEntry,
        "`listeners[].cors`": CorsEntry,
        "`listeners.egress_traffic`": LegacyListenerEntry,
    },
    look_up=_look_up,
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
