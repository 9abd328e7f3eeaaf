"""Whether a text is English: which of the two encoders reads it.

Scripts and the commonest words decide, so that it costs microseconds. In doubt a text is English:
code, names and numbers are read by the encoder that was trained on them.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["describes_in_english", "is_english"]

_READ: Final = 400
"""Characters."""

_FOREIGN_SHARE: Final = 0.2
"""Of the letters, in other scripts than Latin."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_ACCENTED: Final = re.compile(r"[ß-öø-ÿœąćęłńśźżčďěňřšťůžğış]")
_TELLING: Final = re.compile(r"[äöüßñãõęłşğ]")
_AND: Final = re.compile(
    r"(?<=[^\W\d_]{3}),? (?:[yo]|e(?! (?:mails?|commerce|books?|learning|sports?|bikes?)\b))"
    r" [^\W\d_]{3}"
)
"""Lists in Spanish, Portuguese and Italian: in a prompt such a letter is as often a variable.

It begins behind a word, so that a text takes no longer for having long ones."""

_LATIN_END: Final = "\u024f"

_ENGLISH_WORDS: Final = """
a about add after all an and any are as at be been before but by can change could create did do
does explain find fix for from get give had has have he help her his how i if into is it its just
like list made make my need new not now of on or our out over please run she should show so some
tell test than that the their them then there these they this to up update us use want was we were
what when where which who why will with would write you your
english please say summarize summarise text translate word
"""
_OTHER_WORDS: Final = """
aber ajuda al als alstublieft analiza anche até au auch auf aus aux avec avez ayuda bedankt bei
beim bir bis bitte bonjour brauche bu ce ces cet cette che chi ciao co comment como con cosa crea
cuál cuáles cuándo cuánto cuántos czy cómo dalla dame danke dans das de degli dei dein deine del
della delle dem den der des deutsch di diese diesem diesen dieser dieses dla dlaczego doch donne
dove du dónde een ein eine einem einen einer eines el ela ele ella elle em en erklär erkläre
erstelle es escreva escribe essa esse est esta estas este esto estos está et eu explica explique
explícame faire fais fammi fasse faça für geen gib gibt gli graag gracias grazie guten habe hacer
hallo haz heb het ho hoe hola ich ihr ik il ils io isso ist için jak je jest jij kann kannst kein
keine la las le les leur lo los lui maak maar mach mais mein meine meinem meinen meiner merci mes
meu mi mia mich mijn minha mio mir mis moi mon morgen muito muy na naar nach napisz nas ne
necesito neden nel nella nenn nicht nie niet noch non nos nous não obrigada obrigado oder ohne olá
onze os ou où par para pas pela pelo perchè perché pero più plus por porque porquê posso pour
pourquoi preciso proszę puede puedo quais qual quale quali quand quando quanto que quel quelle
quelles quels quero questa questo qui quiero quoi qué resume rédige résume sa salut schreib
schreibe schrijf scrivi se sem ses seu sich sie sin sind się soll sollte sono sont spiega su sua
sus são también tem tra traduce traduci traduis traduza tu tutto uit uma un una und une unos uns
unser van ve vertaal você voglio vom von voor vor vorrei vos votre vous waarom warum welche
welcher welches welke wenn wer wie wieso wij wil wird wo wurde ya yaz zijn zum zur zwischen è é
écris über übersetze
"""
"""German, French, Spanish, Portuguese, Italian, Dutch, Polish and Turkish, without what English or
code has, too."""

_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_OTHERS: Final = frozenset(_OTHER_WORDS.split()) - _ENGLISH


def is_english(text: str) -> bool:
    """Whether a text is English, or nothing that could be told from it.

    Reads the first 400 characters.
    """
    read = text[:_READ].lower()
    words = _WORD.findall(read)
    english = sum(word in _ENGLISH for word in words)
    others = sum(word in _OTHERS for word in words)
    if read.isascii():
        return 2 * others <= 2 * english + 1
    letters = [letter for letter in read if letter.isalpha()]
    beyond = sum(letter > _LATIN_END for letter in letters)
    if beyond > _FOREIGN_SHARE * len(letters):
        return False
    others += sum(read.count(mark) for mark in "¿¡")
    rest = [word for word in words if word not in _OTHERS]
    accented = sum(_ACCENTED.search(word) is not None for word in rest)
    accented += sum(_TELLING.search(word) is not None for word in rest)
    # A word with an accent is weaker evidence than a common one, and "café" alone is none.
    return 2 * others + accented <= 2 * english + 1


def describes_in_english(description: str) -> bool:
    """Whether a route's description is English, or nothing that could be told from it.

    Reads the first 400 characters.
    """
    return is_english(description) and not _AND.search(description[:_READ].lower())
