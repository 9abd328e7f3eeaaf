"""What may be wrong with a request, as response code details name it.

The providers' APIs have no codes for most of it, and clients get none of ours: what is wrong, and
where, is said to them in words. Whoever reads a log or a receipt goes by these. They are few,
whatever clients send, for of requests that are alike only some leave receipts.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Fault"]


class Fault(StrEnum):
    """One of them."""

    INVALID_JSON = "invalid_json"
    NO_OBJECT = "no_json_object"
    TOO_DEEP = "too_deep"
    MISSING_PARAMETER = "missing_parameter"
    INVALID_PARAMETER = "invalid_parameter"
    UNKNOWN_ENCODING = "unknown_encoding"
    BROKEN_ENCODING = "broken_encoding"
    INVALID_DEADLINE = "invalid_deadline"
    INVALID_PAGE = "invalid_page"
    NO_MODEL = "no_model"
    """It names none, and there is no default."""
    AMBIGUOUS_MODEL = "ambiguous_model"
    SEVERAL_PROVIDERS = "several_providers"
