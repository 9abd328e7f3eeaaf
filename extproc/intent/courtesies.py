"""Requests without the greetings, thanks and signatures around them, which say nothing of intent.

What is nothing else is left as it is: that somebody only says thanks is an intent too.
"""

from __future__ import annotations

import re
from typing import Final

from extproc.intent import courtesies_abroad as abroad

__all__ = ["without_courtesies"]

_WINDOW: Final = 512
"""Characters at either end in which courtesies are looked for."""

_ROUNDS: Final = 6
"""More courtesies in a row than anybody writes."""

_GREETING = r"(?:hi|hello|hey|hiya|hallo|howdy|greetings|good\ (?:morning|afternoon|evening|day))"
_GREETED = (
    r"(?:\ (?:there|all|again|team|everyone|everybody|folks|guys|friend|sir|madam|claude|chatgpt"
    r"|assistant|copilot|cursor))?"
)
_LEADING: Final = re.compile(
    rf"""(?:
        {_GREETING}{_GREETED}(?:[,.!:;]+|\s*\n|\s+[-—]\s)
      | (?:hi|hello|hey)\ (?:there|all|team|everyone|folks|guys)\b[,.!:;]*
      | hey\ (?=(?:can|could|would|will|please|i|we|what|how|why|where)\b)
      | dear\ [^\n,]{{1,40}}(?:,|\n)
      | (?:i|we)?\ ?hope\ (?:you|this|all|everything)\b[^.!?\n]{{0,60}}[.!?\n]
      | how\ are\ you(?:\ (?:doing|today))*\s?[?!.,]
      | (?:could|can|would|will)\ you\ (?:please\ )?do\ me\ a\ favou?r[?,.!]
      | (?:please|pls|plz|kindly),?\ (?=\S)
      | {abroad.GREETING}(?:\s?{abroad.STOP}+|\s*\n|\s+[-—]\s)
      | {abroad.DEAR}[^\n]{{0,40}}[,:،，]\s*\n
      | {abroad.ASKED}\s?(?:{abroad.STOP}|[?？؟।\n])
      | {abroad.PLEASE}(?:{abroad.STOP}\s*|\ )(?=\S)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_THANKS = (
    r"(?:(?:many|lots\ of)\ )?(?:thanks|thank\ you|thx|thnx|ty|tia|cheers)"
    r"(?:\ (?:so\ much|very\ much|a\ lot|a\ million|again|already|in\ advance|all|mate|everyone"
    r"|for\ (?:your|the|any|all)[^.!?\n]{0,40}))*"
)
_CLOSING = (
    r"(?:(?:kind|best|warm|with\ (?:kind|best))?\ ?(?:regards|wishes)|sincerely|yours\ [a-z]{3,10}"
    r"|yours|best|cheers|thanks|thank\ you|many\ thanks|br)"
)
_SIGNATURE = rf"""(?:
        (?:--|—|__)\s*\n(?:[^\n]{{0,60}}\n?){{0,5}}
      | \s*{_CLOSING}\s*[,.!]?\s*(?:\n[^\n]{{0,50}}){{0,3}}
    )"""
_END = r"[.!\s]*$"
_NOTHING_BEFORE: Final = re.compile(_SIGNATURE + _END, re.IGNORECASE | re.VERBOSE)
_TRAILING: Final = re.compile(
    rf"""[\s,.!?;:)](?:
        (?<=\n){_SIGNATURE}
      | (?<=\s)(?:thank\ you\ (?:so\ much\ )?in\ advance|thanks\ in\ advance|thx|tia)
      | (?<=[ ,])\ ?(?:please|pls|plz)
      | (?<=\s)(?:[:;]-?[)D]|\^\^|🙏|🙂|😊|❤️)
      | (?<=[.!?,;:\n)])(?P<behind>\s*{_THANKS})
    ){_END}""",
    re.IGNORECASE | re.VERBOSE,
)
"""Begins with a set of characters, so that a search looks at the ends of words only."""
_END_ABROAD = r"[.!。！،।\s]*$"
_THANKS_ABROAD = rf"(?:{abroad.THANKS}|{abroad.THANKS_BEYOND})"
_SIGNATURE_ABROAD = (
    rf"\s*(?:{abroad.CLOSING}|{_THANKS_ABROAD})\s*{abroad.STOP}?\s*(?:\n[^\n]{{0,50}}){{0,3}}"
)
_NOTHING_BEFORE_ABROAD: Final = re.compile(
    _SIGNATURE_ABROAD + _END_ABROAD, re.IGNORECASE | re.VERBOSE
)
_SIGNED_ABROAD: Final = re.compile(
    rf"\n{_SIGNATURE_ABROAD}{_END_ABROAD}", re.IGNORECASE | re.VERBOSE
)
_TRAILING_ABROAD: Final = re.compile(
    rf"""[\s,.!?;:)，。！？、؟।](?=\s*[^\scefijknqrwxyz\d])(?:
        (?<=[ ,，、。])\ ?{abroad.PLEASE_BEHIND}
      | (?<=[.!?,;:\n)，。！？、؟।])(?P<behind>\s*{_THANKS_ABROAD})
      | (?<=\s){abroad.THANKS}\ ?(?:!|[:;]-?[)D]|🙏|🙂|😊|❤️)
      | (?<=\s){abroad.THANKS_BEYOND}
    ){_END_ABROAD}""",
    re.IGNORECASE | re.VERBOSE,
)
"""That no courtesy begins with these letters spares half of the attempts."""
_SIGNATURE_LENGTH: Final = 256
_LONGEST_ABROAD: Final = 48
"""Characters of what is looked for in a line: where few are looked at, few beginnings are tried."""
_NOTHING_ELSE: Final = re.compile(
    rf"(?:{_GREETING}{_GREETED}|{_THANKS}|{abroad.GREETING}|{_THANKS_ABROAD})?[\s.,!?:;)。！？，؟।]*",
    re.VERBOSE,
)


def without_courtesies(text: str) -> str:
    """The text without courtesies at its ends; of one that has nothing else, the greeting stays.

    Takes the same time for a text of any length, but for a copy of it.
    """
    stripped = text.strip()
    words = _before_thanks(stripped)
    request = _behind_greetings(words)
    if request != stripped:
        request = _before_thanks(request)
    return (words or text) if _is_courtesy(request) else request


def _is_courtesy(text: str) -> bool:
    """Whether a text without courtesies says no more than one would, if anything."""
    return len(text) <= _WINDOW and bool(_NOTHING_ELSE.fullmatch(text.lower()))


def _behind_greetings(text: str) -> str:
    head = text[:_WINDOW]
    start = 0
    for _ in range(_ROUNDS):
        found = _LEADING.match(head, start)
        if found is None:
            break
        start = found.end()
        start += len(head[start:]) - len(head[start:].lstrip())
    return text[start:]


def _before_thanks(text: str) -> str:
    body, tail = text[:-_WINDOW], text[-_WINDOW:]
    for _ in range(_ROUNDS):
        start = _trailing(tail)
        if start is None:
            break
        tail = tail[:start].rstrip(" \n\t,-，、")
    return body + tail


def _trailing(tail: str) -> int | None:
    """Where a courtesy begins that goes to the end, None if there is none."""
    if _NOTHING_BEFORE.match(tail) or _NOTHING_BEFORE_ABROAD.match(tail):
        return 0
    found = (
        _TRAILING_ABROAD.search(tail, max(0, len(tail) - _LONGEST_ABROAD))
        or _SIGNED_ABROAD.search(tail, max(0, len(tail) - _SIGNATURE_LENGTH))
        or _TRAILING.search(tail)
    )
    if found is None:
        return None
    # Before thanks the punctuation stays.
    return found.start("behind") if found.groupdict().get("behind") else found.start()
