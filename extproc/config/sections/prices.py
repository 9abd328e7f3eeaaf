"""Items of ``model_metrics_sources`` that say where prices are read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Final, Literal, TypeAlias

from pydantic import Field

from extproc.config.fields import Entry, Name, Seconds, Url
from extproc.config.file_paths import why_not_read
from extproc.config.references import Directory
from extproc.config.section import File
from extproc.core.problems import Problem, place
from extproc.core.sources import CostSource, PriceFormat

__all__ = [
    "BearerAuth",
    "CostEntry",
    "CostMetricsEntry",
    "CustomCostEntry",
    "DigitalOceanPricingEntry",
    "PriceEntry",
    "PriceFileEntry",
    "advice",
    "cost_source",
    "look_up",
    "problems",
]

_CATALOGUES: Final = {
    PriceFormat.DIGITALOCEAN: "https://api.digitalocean.com/v2/gen-ai/models/catalog",
    PriceFormat.MODELS_DEV: "https://models.dev/api.json",
}


class BearerAuth(Entry):
    """How a request for prices identifies itself."""

    literal: ClassVar = frozenset({"token"})
    secret: ClassVar = frozenset({"token"})

    type: Literal["bearer"]
    token: str


class _SourceEntry(Entry):
    takes_variables: ClassVar = True
    braced: ClassVar = frozenset({"model_aliases"})


class CostEntry(_SourceEntry):
    """Prices from a public catalogue, or from an address that answers in its format."""

    type: Literal["cost"]
    provider: Literal["digitalocean", "models.dev"]
    url: Url | None = None
    refresh_interval: Seconds | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


class CustomCostEntry(_SourceEntry):
    """Prices from an address of one's own."""

    type: Literal["cost"]
    provider: Literal["custom"]
    url: Url
    refresh_interval: Seconds | None = None
    auth: BearerAuth | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


class PriceFileEntry(_SourceEntry):
    """Prices from a file on this machine."""

    type: Literal["cost"]
    provider: Literal["file"]
    path: Name
    refresh_interval: Seconds | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)

    def location(self, directory: Path) -> Path:
        """Where the file lies: its path is relative to the configuration's ``directory``."""
        return (directory / Path(self.path).expanduser()).absolute()


class CostMetricsEntry(_SourceEntry):
    """Prices from an address of one's own (earlier generation)."""

    type: Literal["cost_metrics"]
    url: Url
    refresh_interval: Seconds | None = None
    auth: BearerAuth | None = None


class DigitalOceanPricingEntry(_SourceEntry):
    """Prices from DigitalOcean's catalogue (earlier generation)."""

    type: Literal["digitalocean_pricing"]
    refresh_interval: Seconds | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


_AliasedEntry: TypeAlias = CostEntry | CustomCostEntry | PriceFileEntry | DigitalOceanPricingEntry
PriceEntry: TypeAlias = _AliasedEntry | CostMetricsEntry


def look_up(entry: Entry, path: str, file: File) -> None:
    """Look up the token of the item at ``path``, if it has one."""
    if isinstance(entry, CostMetricsEntry | CustomCostEntry) and entry.auth is not None:
        file.secrets.look_up(entry.auth.token, _token(path))


def problems(entry: Entry, path: str, file: File) -> Iterator[Problem]:
    """Say of the item at ``path`` that its price list cannot be read."""
    if not isinstance(entry, PriceFileEntry):
        return
    if (problem := why_not_read(entry.location(file.directory))) is not None:
        yield Problem(f"{path}.path", problem)


def advice(entry: Entry, path: str, file: File) -> Iterator[Problem]:
    """Say which aliases of the item at ``path`` lead nowhere."""
    if isinstance(entry, _AliasedEntry):
        for key, model in entry.model_aliases.items():
            if len(found := file.known.find(model)) != 1:
                fault = "fits several models" if found else "is not declared in model_providers"
                alias = f"{path}.{place('model_aliases', key)}"
                yield Problem(alias, f"ignored: '{model}' {fault}")


def cost_source(entry: PriceEntry, path: str, file: File) -> CostSource:
    """What the item at ``path`` says of where prices are fetched."""
    url: str | None
    location: str | None = None
    match entry:
        case CostEntry():
            format_ = PriceFormat(entry.provider)
            url = entry.url or _CATALOGUES[format_]
        case DigitalOceanPricingEntry():
            format_ = PriceFormat.DIGITALOCEAN
            url = _CATALOGUES[format_]
        case CostMetricsEntry() | CustomCostEntry():
            format_, url = PriceFormat.OWN, entry.url
        case PriceFileEntry():
            format_, url = PriceFormat.OWN, None
            location = str(entry.location(file.directory))
    aliases = entry.model_aliases if isinstance(entry, _AliasedEntry) else {}
    return CostSource(
        format_,
        url,
        path=location,
        refresh_interval=entry.refresh_interval,
        token_variable=file.secrets.variables.get(_token(path)),
        model_aliases=_settled(aliases, file.known),
    )


def _token(path: str) -> str:
    return f"{path}.auth.token"


def _settled(aliases: Mapping[str, str], known: Directory) -> dict[str, str]:
    found = {key: known.find(model) for key, model in aliases.items()}
    return {key: names[0] for key, names in found.items() if len(names) == 1}
