"""The messages by which the finders were made, and how well they do on them."""

from __future__ import annotations

import base64
import random
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from extproc.core.pii import PiiKind

__all__ = ["Message", "messages"]

_FILE = Path(__file__).with_name("messages.txt")
_MARKED = re.compile(r"«(\w+):(.*?)»", re.DOTALL)
_ALPHANUMERIC = string.ascii_letters + string.digits


class Message(NamedTuple):
    """A text, and what is to be found in it: offsets and kinds."""

    section: str
    text: str
    expected: tuple[tuple[int, int, PiiKind], ...]


def _secrets(drawn: random.Random) -> Mapping[str, str]:
    def some(length: int, alphabet: str = _ALPHANUMERIC) -> str:
        body = "".join(drawn.choices(alphabet, k=length - 3))
        return body + "aZ7" if alphabet == _ALPHANUMERIC else body + alphabet[-3:]

    def encoded(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    key = "\n".join(some(64) for _ in range(12))
    return {
        "openai": f"sk-proj-{some(40)}_{some(40)}",
        "anthropic": f"sk-ant-api03-{some(90)}-AA",
        "aws_id": f"AKIA{some(16, string.ascii_uppercase + '234567')}",
        "aws_secret": some(40),
        "github": f"ghp_{some(36)}",
        "github_fine": f"github_pat_{some(22)}_{some(59)}",
        "slack": f"xoxb-123456789012-1234567890123-{some(24)}",
        "slack_hook": f"T0123ABCD/B0123ABCD/{some(24)}",
        "google": f"AIza{some(35)}",
        "jwt": ".".join((encoded('{"alg":"HS256"}'), encoded('{"sub":"1234567890"}'), some(43))),
        "opaque": some(32),
        "password": f"{some(9)}!{some(5)}",
        "stripe": f"sk_live_{some(24)}",
        "private_key": f"-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----",
        "npm": f"npm_{some(36)}",
        "gitlab": f"glpat-{some(20)}",
        "hf": f"hf_{some(34)}",
    }


def messages() -> Iterator[Message]:
    """All of them, always the same."""
    secrets = _secrets(random.Random(0))
    section = ""
    for line in _FILE.read_text().splitlines():
        if line.startswith("== "):
            section = line[3:]
        elif not line.startswith("#"):
            yield _message(section, line, secrets)


def _message(section: str, line: str, secrets: Mapping[str, str]) -> Message:
    for name, secret in secrets.items():
        line = line.replace(f"{{{name}}}", secret)
    line = re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), line)
    text, expected, position = "", [], 0
    for marked in _MARKED.finditer(line):
        text += line[position : marked.start()]
        expected.append((len(text), len(text) + len(marked[2]), PiiKind(marked[1])))
        text += marked[2]
        position = marked.end()
    return Message(section, text + line[position:], tuple(expected))
