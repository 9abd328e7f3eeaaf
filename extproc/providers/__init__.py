"""The providers that are known by name: where they are, what they speak, how they take a key."""

from extproc.providers.base_url import BaseUrl, BaseUrlError
from extproc.providers.own_models import OWN_MODELS, OwnModels
from extproc.providers.provider import Provider, Settled, settle
from extproc.providers.table import KNOWN, spoken_to

__all__ = [
    "KNOWN",
    "OWN_MODELS",
    "BaseUrl",
    "BaseUrlError",
    "OwnModels",
    "Provider",
    "Settled",
    "settle",
    "spoken_to",
]
