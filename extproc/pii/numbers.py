"""Numbers with a check digit or a fixed form: payment cards, IBANs, social security numbers.

Patterns begin with the digit and look behind it afterwards: so the search skips what is no digit
in C. Check digits and countries' forms are python-stdnum's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stdnum import iban, luhn
from stdnum.us import ssn

__all__ = ["cards", "ibans", "social_security_numbers"]

_CARD: Final = re.compile(
    r"[2-6](?<![\w.+\-/][2-6])"
    r"(?:\d{3}([ \-._/])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?"  # 16 or 19 digits in fours
    r"|\d{3}([ \-._/])\d{6}\2\d{4,5}"  # American Express, Diners
    r"|\d{13,18})"
    r"(?!\w|[\-./+]\w)",
    re.ASCII,
)
_ISSUERS: Final = re.compile(
    r"4(?:\d{15}|\d{18})\Z"  # Visa; those of 13 digits are gone
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}\Z"  # Mastercard
    r"|3[47]\d{13}\Z"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}\Z"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}\Z"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}\Z"  # JCB
    r"|62\d{14,17}\Z"  # UnionPay
)
"""ISO/IEC 7812: which numbers issuers give out."""


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers of payment cards are: an issuer's form, and the check digit holds."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if _ISSUERS.match(digits) and len(set(digits)) > 1 and luhn.is_valid(digits):
            yield found.span()


_IBAN: Final = re.compile(
    r"\d\d(?<=[A-Za-z]{2}\d\d)(?<!\w[A-Za-z]{2}\d\d)(?<![\-./+][A-Za-z]{2}\d\d)"
    r"(?:[A-Za-z0-9]{11,30}+|(?:[ \-][A-Za-z0-9]{4}){2,7}(?:[ \-][A-Za-z0-9]{1,4})?)(?!\w)",
    re.ASCII,
)
_COUNTRIES: Final = re.compile(
    r"A[DELTZ]|B[AEGHRY]|C[HRYZ]|D[EKO]|E[EGS]|F[IOR]|G[BEILRT]|H[RU]|I[ELQST]|JO|K[WZ]|L[BCITUV]"
    r"|M[CDEKRTU]|N[LO]|P[KLST]|QA|R[OS]|S[ACEIKMTV]|T[LNR]|UA|V[AG]|XK",
    re.IGNORECASE,
)
"""Those in SWIFT's registry of IBANs. To ask here first spares checking every hash."""


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs are: of the length and form that the country has, and the check digits hold."""
    for found in _IBAN.finditer(text):
        start, end = found.start() - 2, found.end()
        if not _COUNTRIES.match(text, start):
            continue
        # What follows in fours or less may be words.
        while end - start >= 15:
            if iban.is_valid(text[start:end]):
                yield start, end
                break
            shorter = max(text.rfind(" ", start, end), text.rfind("-", start, end))
            if shorter < 0:
                break
            end = shorter


_SSN: Final = re.compile(r"\d{3}(?<![\w.+\-/]\d{3})([- ]?)\d\d\1\d{4}(?!\w|[\-.]\w)", re.ASCII)
_SSN_NAMED: Final = re.compile(r"(?:\bssn\b|social.security)[^\d\n]{0,24}\Z", re.IGNORECASE)


def social_security_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where social security numbers are: with hyphens, or otherwise where they are called so."""
    for found in _SSN.finditer(text):
        named = found[1] == "-" or _SSN_NAMED.search(
            text[max(0, found.start() - 48) : found.start()]
        )
        if named and ssn.is_valid(re.sub(r"\D", "", found[0])):
            yield found.span()
