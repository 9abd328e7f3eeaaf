"""Routes that take what no other route takes, because they say so or are told to.

"Everything else" is like no request, so likeness never finds such a route: it is what is left when
no other one matches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from extproc.core.routes import Route

__all__ = ["only_takes_the_rest", "rest_of", "says", "takes_the_rest"]

_READ: Final = 400
_READ_OF_NAME: Final = 64
"""Characters: a client may send megabytes of either."""

_ASKED = (
    r"(?:questions?|quer(?:y|ies)|requests?|tasks?|prompts?|inquir(?:y|ies)|messages?|topics?"
    r"|chats?|conversations?|help|assistance|use|work|matters?|purposes?)"
)
_PLAIN = r"(?:simple|easy|basic|trivial|general|everyday|ordinary|generic|routine)"
_THE_REST: Final = re.compile(
    rf"""\b(?:
        (?:every|any|some)\s?thing\s+(?:else|other|not)\b
      | (?:all|whatever|anyone)\s+else
      | (?:the|all)\s+(?:rest|remaining)\b
      | (?:all|any|every)\s+others?\b
      | (?:^|other\s)(?:uncategori[sz]ed|unmatched|unclassified)
      | others?\s+{_ASKED}
      | any(?:\s+(?:kind|type|sort)\s+of)?\s+{_ASKED}
      | (?:not|\w+n't)\s+(?:fit|match|belong|fall|covered|handled)
      | no(?:ne|t\s+any)?\s+(?:of\s+the\s+)?(?:above|others?)
      | catch[\s-]?alls? | fall[\s-]?back | misc(?:ellaneous)? | unmatched | uncategori[sz]ed
      | general[\s-]purpose | by\s+default | default\s+(?:route|model|choice|handler|option)
      | {_PLAIN}(?:(?:,|\s+and|\s+or|,\s+and|,\s+or)\s+\w+)?\s+{_ASKED}\b
        (?!\s+(?:about|on|regarding|concerning|related|for|from|of|in)\b)
    )""",
    re.VERBOSE,
)
_NAMES: Final = frozenset(
    {
        *("other", "others", "misc", "miscellaneous", "general", "default", "fallback", "rest"),
        *("catch all", "catchall", "everything else", "anything else", "something else"),
        *("general questions", "general purpose", "general assistant", "general requests"),
        *("general queries", "other requests", "other questions", "none of the above"),
    }
)
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# Words that say of no request what it is about.
_EMPTY: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a about above all an and any anything are as ask asks asked be below by can covered default
        do does else etc everything fallback fit fits for from general generic get give help how i
        in into is it its kind like main match matches me misc miscellaneous model models my new no
        none normal not of on or other others preference prompt prompts queries query question
        questions random regular remaining request requests rest route routes some something
        standard stuff such task tasks test that the their them these they thing things this to
        topic topics type use used user users using various want wants when where which who with
        you your
        """,
    )
)
_MORE_EMPTY: Final = frozenset(
    re.findall(
        r"\w+",
        """
        assistant assistance basic belong belongs catch catchall categories category cheap doesn
        don don't easy everyday fall falls handle handled handles inquiries inquiry matters
        message messages need needs ordinary purpose routine simple skill special specific trivial
        unmatched whatever
        """,
    )
)


def takes_the_rest(route: Route) -> bool:
    """Whether a route takes what no other matches: by ``fallback``, or by its own words."""
    return route.fallback or _says_so(route.name[:_READ_OF_NAME], route.description[:_READ])


def only_takes_the_rest(route: Route) -> bool:
    """Whether that is all that it says, so that likeness to it means nothing."""
    return (
        takes_the_rest(route)
        and not route.examples
        and not _content(route.description[:_READ]) - _MORE_EMPTY
    )


def rest_of(routes: Sequence[Route]) -> Route | None:
    """The route that takes what no other matches; None if there is none.

    One with ``fallback`` is before those that only say so, and those that say nothing else are
    before the others. Of equals the first is taken.
    """
    taking = [route for route in routes if takes_the_rest(route)]
    return min(taking, key=_rank, default=None)


def _rank(route: Route) -> tuple[bool, bool]:
    return not route.fallback, not only_takes_the_rest(route)


def says(text: str) -> frozenset[str]:
    """The words of a name or description that say what requests are about.

    Other writings than Latin are not judged: each of their texts says enough.
    """
    if any(letter.isalpha() and not letter.isascii() for letter in text):
        return frozenset({text, ""})
    return _content(text)


def _content(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(word for word in words if len(word) > 1 and word not in _EMPTY)


@lru_cache(maxsize=1024)
def _says_so(name: str, description: str) -> bool:
    words = " ".join(_WORD.findall(name)).lower()
    return words in _NAMES or _THE_REST.search(description.lower()) is not None
