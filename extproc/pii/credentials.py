"""Keys, tokens and passwords, by the forms in which their issuers make them.

What only looks random (a hash, an id, a lock file's checksum) is not taken for one: in agents'
messages such texts are far more often none, and an agent that is given other hashes than there are
works wrongly. So a secret without a form of its own is found only behind ``Bearer``, in the
address of a server, or as AWS's second half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["secrets"]


def _anything(_: str) -> bool:
    return True


def _no_name(secret: str) -> bool:
    """Digits and letters of both cases, which names in kebab case do not have."""
    return (
        any(map(str.isdigit, secret))
        and any(map(str.isupper, secret))
        and any(map(str.islower, secret))
    )


_EXAMPLE: Final = re.compile(r"[$%{\[*]|x{3,}|\.{3}|pass(?:word)?\Z|pwd\Z|secret\Z", re.IGNORECASE)


def _no_example(password: str) -> bool:
    """It is not what stands for a password in examples and templates."""
    return not _EXAMPLE.match(password)


@dataclass(frozen=True, slots=True)
class _Form:
    """Where one of the ``anchors`` stands, ``pattern`` begins; its group, or all of it, is secret
    if it ``counts``. ``inside`` is whether the anchor may stand inside of a word."""

    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    counts: Callable[[str], bool]
    inside: bool


def _form(
    anchors: str,
    pattern: str,
    counts: Callable[[str], bool] = _anything,
    *,
    inside: bool = False,
) -> _Form:
    return _Form(tuple(anchors.split()), re.compile(pattern, re.ASCII), counts, inside)


_FORMS: Final = (
    # https://platform.openai.com/docs/api-reference/authentication, OpenRouter and DeepSeek alike;
    # https://docs.anthropic.com/en/api/overview
    _form("sk-", r"sk-(?:ant-|proj-|svcacct-|admin-|or-)?[\w-]{20,256}+", _no_name),
    _form("gsk_ xai-", r"(?:gsk_|xai-)[A-Za-z0-9]{32,128}+"),
    _form("hf_", r"hf_[A-Za-z0-9]{30,64}+", _no_name),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    _form("AKIA ASIA", r"A(?:KI|SI)A[A-Z2-7]{16}(?!\w)"),
    _form(
        "ecret_access_key ECRET_ACCESS_KEY ecretAccessKey",
        r"\w{15,17}[\"' ]{0,3}[:=][\"' ]{0,3}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        inside=True,
    ),
    # https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    _form("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[a-z]_[A-Za-z0-9]{36,255}+"),
    _form("github_pat_", r"github_pat_\w{22,255}+"),
    _form("glpat-", r"glpat-[\w-]{20,64}+"),
    # https://docs.slack.dev/authentication/tokens
    _form("xoxa- xoxb- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs-", r"xox[a-z][-.][A-Za-z0-9.-]{10,255}+"),
    _form("xapp-", r"xapp-\d-[A-Za-z0-9-]{10,255}+"),
    _form("hooks.slack.com/services/", r"hooks\.slack\.com/services/([\w/]{20,128}+)", inside=True),
    # https://cloud.google.com/docs/authentication/api-keys
    _form("AIza", r"AIza[\w-]{35}(?![\w-])"),
    _form("ya29.", r"ya29\.[\w-]{20,512}+"),
    _form("GOCSPX-", r"GOCSPX-[\w-]{20,64}+"),
    # https://docs.stripe.com/keys
    _form("sk_live_ sk_test_ rk_live_ rk_test_", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}+"),
    _form("whsec_", r"whsec_[A-Za-z0-9+/=]{24,128}+"),
    _form("npm_", r"npm_[A-Za-z0-9]{36}(?!\w)"),
    _form("pypi-AgE", r"pypi-AgE[\w-]{50,255}+"),
    _form("SG.", r"SG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
    # RFC 7519: two JSON objects in base64url, and a signature
    _form("eyJ", r"eyJ[\w-]{8,4096}+\.eyJ[\w-]{8,4096}+\.[\w-]{8,1024}+"),
    # RFC 6750
    _form("earer", r"earer[ :\"']{1,3}([\w.~+/-]{20,4096}+=*+)", _no_name, inside=True),
    # RFC 3986, userinfo
    _form("://", r"://[^\s/:@\"'<>]{0,64}+:([^\s/@\"'<>]{3,128}+)@", _no_example, inside=True),
)

_PRIVATE: Final = re.compile(r"-----BEGIN (?:[A-Z]{2,9} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BEGIN: Final = "-----BEGIN "
_END: Final = "-----END "
_ENDS: Final = re.compile(r"-----END [A-Z ]{3,40}-----")
_LONGEST_KEY: Final = 7 * 1024
_KEY_TEXT: Final = re.compile(r"[A-Za-z0-9+/=\s\\:,.-]{0,7168}+")

_IN_WORD: Final = re.compile(r".?(?<!\\)[\w-]\Z|\\[^nrt]\Z", re.ASCII | re.DOTALL)


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets are."""
    yield from _private_keys(text)
    for form in _FORMS:
        for anchor in form.anchors:
            yield from _of_form(text, form, anchor)


def _of_form(text: str, form: _Form, anchor: str) -> Iterator[tuple[int, int]]:
    position = text.find(anchor)
    while position >= 0:
        after = position + len(anchor)
        found = form.pattern.match(text, position) if _begins(text, form, position) else None
        if found is not None and form.counts(found[found.lastindex or 0]):
            yield found.span(found.lastindex or 0)
            after = found.end()
        position = text.find(anchor, after)


def _begins(text: str, form: _Form, position: int) -> bool:
    """Whether no word goes on here; in code a line's end is written as a word, too."""
    return form.inside or not _IN_WORD.match(text, max(0, position - 2), position)


def _private_keys(text: str) -> Iterator[tuple[int, int]]:
    """Blocks of PEM (RFC 7468) and OpenPGP that hold private keys; one without an end goes on as
    long as what follows can be of it."""
    position = text.find(_BEGIN)
    while position >= 0:
        begun = _PRIVATE.match(text, position)
        after = position + len(_BEGIN)
        if begun is not None:
            end = text.find(_END, begun.end(), begun.end() + _LONGEST_KEY)
            ended = _ENDS.match(text, end) if end >= 0 else _KEY_TEXT.match(text, begun.end())
            after = ended.end() if ended else begun.end()
            yield position, after
        position = text.find(_BEGIN, after)
