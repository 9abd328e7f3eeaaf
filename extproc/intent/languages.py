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

_ELIDED: Final = re.compile(r"\b(?:[cdjl]|qu)['\u2019](?=[a-zà-öø-ÿœ]{2})")
"""As French and Italian leave out a vowel: "l'invoice" is nobody's English."""

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
aber ache acht adicionar adicione agrega ajoute ajouter ajuda ajude aktualisiere aktuelle als
alsjeblieft alstublieft altijd amanhã analiza analizza analyseer analysiere anche andiamo année
antwort apague aqui aquí archivo archivos arquivo arquivos arregla arrivederci arzt atualize até
au auch auf aujourd aunque aus aux avant avec avere avez avoir avons ayer ayuda ayudar ayúdame
añade años baue beaucoup bedankt bedeutet beende begrepen bei beim bekomme benenne berechne
bereken beschreib beschreibe beschrijf besser bessere bestand bestanden bestelling beweise bien
bij bir bis bist bitte bonjour bonne bonnes bonsoir borra brauche brauchen bu buche buchen buenas
bueno buon buona buonanotte buonasera buongiorno buono busca búscame calcola calcula calcule
cambia cambiar cambiare cambio cancella canción ce cerca ces cet cette che cherche chercher chez
chi ciao cinq cinque co colis combien comment como compara componha compris con conta contraseña
controlla converta converti convertis convierte correggere correggi correo corrige corrigez
corrigir corrija cosa crea crear creare criar crie crée créer créez cuatro cuenta cuál cuáles
cuándo cuánto cuántos czy código cómo daar dabei dado dafür dall dalla dame damit dammi danke dans
das dass datei dateien davon dazu debe deberíamos debo degli dei dein deine deinem deiner dell
della delle dem demain den denaro denn depuis dernier dernière desde deutsch deux devo devrait
dich dieci diese diesem diesen dieser dieses diez dimmi dinero dinheiro dir dis diseña dites dla
dlaczego dobré doch doet dois doit domani donde donne donner donnez dort dov dove drei drie dritte
duas durch dzień déjà día días dónde een ein eine einem einen einer eines ejecuta ela ele elimina
ella ellas elle elles ellos em en encontra encontre encore encuentra enlève enseigne entendi
entendido entferne entschuldigung entwickle entwirf eres erklär erkläre erklären erreur erro
errore erste erstelle erstellen ersten es escreva escreve escrever escribe escribir escríbeme
español esquecer essa esse essere est esta estamos estar estas este esto estos estou estoy está
están et etwas eu euch explica explicar explique expliquer expliquez explícame faccio faire fais
fait faites falsche fammi fanno fasse faut faz fazem fazer faça faço feche fehler fichier fichiers
finden foi fonction fout frage fragen français fue fueron función functie função füge fünf für
gaan gaat ganhou ganó geef geen gegen geht geld gente gern gerne gestern gib gibt giorni giorno
gli goed goede goedemiddag goedemorgen goedenacht goedenavond goeie gostaria graag gracias grazie
grote gute guten guter gutes haar habe haben habría habéis hacer haces hacia hago hallo hanno
hasta hatte haz hazme heb hebben hebt heeft heißt hernoem het heures heute hij hilf hilft ho hoe
hoeveel hoi hoje hola hoy hundert hágame ich ieder ieri ihm ihnen ihr ihre ihrem ihren ik ils
implementiere inglés inglês io isso ist isto italiano için ja jaar jahr jahre jak japonés je jeden
jest jetzt jij jogo jour jours jouw joyeuse joyeux jullie juste kann kannst keer kein keine kommt
korrigiere korrigieren kostet kun kunnen kunt können könnt könnte könntest kürze laatste lass
lasst lavora lei leite leur liebe linha linhas lo loro luego lui línea líneas lösche löse maak
maand maanden maar mach machen machst macht mais maken mañana mehr mein meine meinem meinen meiner
merci mes meu meus mezzo mi mia mich mijn minha mio mir mis moet moeten moi mois mon montre morgen
mostra mostrami mostrare mostre mucha muchas mucho muchos mudar mude muestra muita muitas muito
muitos muss musst muy mês möchte möchten müssen na naar nach nacht nadie napisz nas ne necesito
neden negen nein nel nell nella nenn nenne nessuno neu neue neuen neues neuf nicht nichts nie
niente niet nieuw nieuwe nimm noch noche noches noite noites non nos nosotros nosso nostro nous
nouveau nouveaux nouvelle novo nuestra nuestro nueva nuevas nuevo nuevos nuit nunca nuova nuovo
nur não nächste nächsten nôtre obrigada obrigado ocho oder oggi ohne oi oito olá onde ont ontem
onze os ou oui ouvre ouvrir où pacco pakket palabras paquete par para parce parfait pas passt
pedido pela pelas pelo pelos pendant pequeno pequeño perchè perché perdona perfecto perfeito
perfetto pero peut peuvent peux più plazos poca poco podemos poder podes podría podrías pon ponme
por porque porquê posso potresti pour pourquoi pourriez pouvez preciso prego preis prenota prepara
prezzo preço primeira primeiro prochain prochaine procure programmiere proszę prêt próxima próximo
prüf prüfe puede pueden puedes puedo puis puoi purtroppo può página pón quais qual qualcosa quale
quali quand quando quantas quanti quanto quantos quatre quatro quattro que quel quelle quelles
quelli quello quels quem quero quería questa queste questi questo qui quieres quiero quisiera
quién quiénes quoi qué rechne rechnung redacta relis remova remover remplace rendi resolva
resuelve resuma resume riassumere riassumi rien rimborso rimuovi risolvere risolvi rédige rédigez
réserve résous résume résumez sa sag sais sait salut samen samenvatten schaal schalte schließe
schon schreib schreibe schreiben schrijf schrijven scrivere scrivi se sehr sei seid seit sem
sempre ser servus ses seu siamo sich sie siempre sigue sin sind sino się sluit sobre soldi soll
sollte sommes sono sont soy spiega spiegami spiegare spiel stell stelle stp su sua suche suchen
suis sull sulla sus svp são sírvase también também tampoco tardes tchau teilen tem tenemos tengo
tenho tiene tienen tienes toevoegen togli tonen toujours toute toutes tra traduce traduci
traduction traduis traduisez tradurre traduz traduza traduzir tres trop trouve trouver trova
trovami trovare très três tschüss tu tutta tutte tutti tutto têm uit uitleggen uma un una und une
unos uns unser unsere unserem unseren unserer ustedes vado vai vais vamos vandaag vanno ve veel
verbessere verbeter vergelijk vergleich vergleiche verkürze verschiebe verstanden verstehe versuch
vertaal vertalen verwijder verwijderen veut veux viel viele vielen vier você vocês voeg voglio
voilà vom vont voor vor vorrei vos votre voulez vous voy vuoi vão vérifie waar waarom wandle wann
wanneer warum wat weet weil weißt welche welcher welches welk welke welterusten wenn wer werde
werden weten wie wieder wieso wij wijzig wil willst wir wird wo wofür woher wohin wollen womit
worum worüber wurde wurden würde würden ya yaz zeg zeggen zeig zeige zeigen zeit zes zet zeven
ziens zij zijn zoek zoeken zullen zum zur zusammenfassen zwei zwischen zwölf è é écris écrivez
öffne über überprüfe übersetze übersetzen
"""
"""German, French, Spanish, Portuguese, Italian, Dutch, Polish and Turkish, without what English or
code has, too."""

_SHARED_WORDS: Final = """
a all am an as at do had has have help her if in is me of on or over plan so use was we were will
"""
"""English words that are common words of one of the others, too, and tell less."""
_SHARE: Final = 0.25

_NAMED_WORDS: Final = """
al de del der des di du el il la las le les los van von
"""
"""Of other languages, but in English names, too: "La Paz" and "Los Angeles" are."""
_NAMED_SHARE: Final = 0.75

_DOUBT: Final = 0.5
"""What one word of another language alone exceeds, and one accent alone does not."""

_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_SHARED: Final = frozenset(_SHARED_WORDS.split())
_NAMED: Final = frozenset(_NAMED_WORDS.split())
_OTHERS: Final = frozenset(_OTHER_WORDS.split()) - _ENGLISH | _NAMED


def is_english(text: str) -> bool:
    """Whether a text is English, or nothing that could be told from it.

    Reads the first 400 characters.
    """
    read = text[:_READ].lower()
    words = _WORD.findall(read)
    english = sum(_SHARE if word in _SHARED else 1 for word in words if word in _ENGLISH)
    others = sum(_NAMED_SHARE if word in _NAMED else 1 for word in words if word in _OTHERS)
    others += len(_ELIDED.findall(read))
    if read.isascii():
        return others <= english + _DOUBT
    letters = [letter for letter in read if letter.isalpha()]
    beyond = sum(letter > _LATIN_END for letter in letters)
    if beyond > _FOREIGN_SHARE * len(letters):
        return False
    others += sum(read.count(mark) for mark in "¿¡")
    rest = [word for word in words if word not in _OTHERS]
    accented = sum(_ACCENTED.search(word) is not None for word in rest)
    accented += sum(_TELLING.search(word) is not None for word in rest)
    # A word with an accent is weaker evidence than a common one, and "café" alone is none.
    return others + accented / 2 <= english + _DOUBT


def describes_in_english(description: str) -> bool:
    """Whether a route's description is English, or nothing that could be told from it.

    Reads the first 400 characters.
    """
    return is_english(description) and not _AND.search(description[:_READ].lower())
