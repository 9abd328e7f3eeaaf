"""Addresses of people and of machines: e-mail, IP.

Forms of an e-mail address: RFC 5321, as far as providers of mail allow them. In logs and pages the
``@`` may be encoded, and people who write against harvesters spell it out: ``jo [at] example [dot]
org``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

__all__ = ["emails", "ips"]

_LETTER: Final = r"A-Za-z0-9\u00c0-\u024f"
"""Latin letters: names in other scripts stand in front of an address, without a space."""
_SIGNS: Final = ("@", "%40", "&#64;")
_SPELLED: Final = re.compile(
    r"[\[({] ?(?:at|AT|At) ?[\])}]| (?:at|AT) (?=[\w-]{1,63} (?:dot|DOT) )", re.ASCII
)
_CLUES: Final = ("at]", "at)", "at}", "AT]", "AT)", "AT}", " at ]", " at )", " dot ", " DOT ")
"""What every address has that is spelled out: looking for these is quicker than for that."""
_LONGEST_LOCAL: Final = 64
_LOCAL_BACKWARDS: Final = re.compile(rf"[{_LETTER}_][{_LETTER}_.%+'&=~$-]{{0,63}}+")
_DOMAIN: Final = re.compile(
    rf"((?:[{_LETTER}][{_LETTER}_-]{{0,62}}+\.){{1,8}})([A-Za-z]{{2,24}})(?![{_LETTER}_@])"
)
_DOT: Final = r"(?: ?[\[({] ?(?:dot|DOT) ?[\])}] ?| (?:dot|DOT) |\.)"
_SPELLED_DOMAIN: Final = re.compile(
    rf" ?[A-Za-z0-9][\w-]{{0,62}}+(?:{_DOT}[A-Za-z0-9][\w-]{{0,62}}+){{0,6}}?{_DOT}"
    r"(?:com|org|net|edu|gov|info|io|ai|co|dev|app|eu|uk|de|fr|es|it|nl|in|br|jp|cn|au|ca|us|ch|at"
    r"|se|pl|ru)(?!\w| dot)",
    re.ASCII | re.IGNORECASE,
)
_ESCAPED_SPACE: Final = re.compile(r"[nrt]\\")
_IN_URL: Final = re.compile(r"://[^\s/@]{0,128}\Z")
_IMAGE_SIZE: Final = re.compile(r"\d(?:\.\d)?x\.")
_NO_DOMAINS: Final = frozenset(
    (
        *(
            "css",
            "csv",
            "gif",
            "go",
            "html",
            "jpeg",
            "jpg",
            "js",
            "json",
            "jsx",
            "log",
            "md",
            "png",
        ),
        *("py", "rs", "svg", "toml", "ts", "tsx", "txt", "webp", "xml", "yaml", "yml", "zip"),
        *("mount", "path", "scope", "service", "slice", "socket", "swap", "target", "timer"),
    )
)
"""How names of files and of systemd's units end; none of them is a domain of people's mail. Those
that are top-level domains by now (zip, md) belong to files far more often."""
_ACCOUNTS: Final = frozenset({"git", "hg", "svn"})
"""Whom programs log in as to fetch code: ``git@host.example``."""


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Where e-mail addresses are."""
    for sign in _SIGNS:
        at = text.find(sign)
        while at >= 0:
            domain = _DOMAIN.match(text, at + len(sign))
            if domain is not None and _is_domain(domain[1], domain[2]):
                start = _start_of_local(text, at)
                if start is not None and not _logs_in(text, start, at):
                    yield start, domain.end()
            at = text.find(sign, at + len(sign))
    if any(clue in text for clue in _CLUES):
        yield from _spelled_out(text)


def _spelled_out(text: str) -> Iterator[tuple[int, int]]:
    for at in _SPELLED.finditer(text):
        domain = _SPELLED_DOMAIN.match(text, at.end())
        start = _start_of_local(text, at.start() - text.startswith(" ", at.start() - 1))
        if domain is not None and start is not None:
            yield start, domain.end()


def _is_domain(labels: str, top: str) -> bool:
    return top.lower() not in _NO_DOMAINS and not _IMAGE_SIZE.match(labels)


def _start_of_local(text: str, end: int) -> int | None:
    """Where the part of an address that ends here begins."""
    floor = max(0, end - _LONGEST_LOCAL - 1)
    backwards = text[floor:end][::-1]
    local = _LOCAL_BACKWARDS.match(backwards)
    if local is None:
        return None
    length = len(local[0].rstrip(".%+'&=~$-"))
    # In code a line's end is written \n: its n belongs to no name.
    if length > 1 and _ESCAPED_SPACE.match(backwards, length - 1):
        length -= 1
    named = local[0][:length]
    if "=" in named:  # a parameter's value
        length = named.index("=")
    return end - length if length else None


def _logs_in(text: str, start: int, end: int) -> bool:
    """Whether this is whom to log in as at a host."""
    return text[start:end] in _ACCOUNTS or bool(_IN_URL.search(text[max(0, start - 160) : start]))


_V4: Final = re.compile(r"\d(?<![\w.]\d)\d{0,2}+(?:\.\d{1,3}){3}(?![\w]|\.\w)", re.ASCII)
_V6: Final = re.compile(r":(?<=[0-9a-fA-F]:)[0-9a-fA-F:]{1,40}+")
_GROUP_BACKWARDS: Final = re.compile(r"[0-9a-fA-F]{1,4}+(?![\w.:])")
_VERSION: Final = re.compile(
    r"(?:v|ver|version|release|@|==|>=|~=|\^)[ :=\"']{0,3}\Z", re.IGNORECASE
)


def ips(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses of the public internet are: those of private networks tell of nobody."""
    for found in _V4.finditer(text):
        before = text[max(0, found.start() - 12) : found.start()]
        if not _VERSION.search(before) and _is_public(found[0]):
            yield found.span()
    for found in _V6.finditer(text):
        group = _GROUP_BACKWARDS.match(text[max(0, found.start() - 5) : found.start()][::-1])
        if group is None:
            continue
        start, end = found.start() - len(group[0]), found.end()
        if text[end - 1] == ":" and text[end - 2] != ":":
            end -= 1
        if text[end : end + 1].isalnum() or text.count(":", start, end) < 2:
            continue
        if _is_public(text[start:end]):
            yield start, end


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
