"""Greetings, thanks and closings in other languages than English, as parts of regular expressions.

German, French, Spanish, Portuguese, Italian, Dutch, Chinese, Japanese, Hindi, Russian, Korean and
Arabic, the languages that the multilingual encoder reads.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ASKED",
    "CLOSING",
    "DEAR",
    "GREETING",
    "PLEASE",
    "PLEASE_BEHIND",
    "STOP",
    "THANKS",
    "THANKS_BEYOND",
]


def _alternatives(words: str) -> str:
    return f"(?:{words.strip()})"


STOP: Final = r"[,.!:;，。！：、،؛।~～…]"
"""What stands behind a greeting."""

GREETING: Final = _alternatives(
    r"""
    (?:hallo|hi|hey|moin(?:\ moin)?|servus|grüß\ (?:dich|gott)|grüezi
            |guten\ (?:morgen|tag|abend))
        (?:\ (?:zusammen|alle|allerseits|leute|ihr|team|miteinander))?
    | (?:bonjour|bonsoir|salut|coucou|bon\ après-midi)(?:\ (?:à\ (?:tous|toutes|vous)
        |tout\ le\ monde
      |madame|monsieur|l['’]équipe))*
    | ¡?(?:hola|(?:muy\ )?buen(?:os\ días|as(?:\ (?:tardes|noches))?))
        (?:\ (?:a\ tod[oa]s|equipo|amig[oa]s?))?
    | (?:olá|oi|bom\ dia|boa\ (?:tarde|noite))(?:\ (?:a\ tod[oa]s|pessoal|equipe))?
    | (?:ciao|salve|buongiorno|buonasera|buon\ pomeriggio)(?:\ (?:a\ tutti|ragazzi))?
    | (?:hoi|goede(?:morgen|middag|navond|ndag))(?:\ (?:allemaal|iedereen|team))?
    | (?:привет(?:ствую)?|здравствуйте?|добрый\ (?:день|вечер)|доброе\ утро)
        (?:,?\ (?:всем|коллеги))?
    | (?:大家|各位)?(?:你们?好|您好)|(?:大家|各位)好
        |(?:早上|上午|中午|下午|晚上)好|早安|晚安|嗨|哈喽
    | こんにち[はわ]|こんばん[はわ]|おはよう(?:ございます)?|はじめまして
        |お疲れ様です|お世話になって(?:おり|い)ます
    | नमस्ते(?:\ जी)?|नमस्कार|सुप्रभात|हैलो|हेलो|प्रणाम
    | 안녕하세요|안녕하십니까|안녕|좋은\ 아침(?:이에요|입니다)?|수고\ 많으십니다|반갑습니다
    | مرحب(?:ا|ًا|اً)|[أا]هل(?:ا|ًا|اً)(?:\ وسهل(?:ا|ًا|اً))?
        |السلام\ عليكم(?:\ ورحمة\ الله(?:\ وبركاته)?)?
      |(?:صباح|مساء)\ الخير|تحية\ طيبة
    """
)

DEAR: Final = _alternatives(
    r"""
    (?:sehr\ geehrte[rs]?|liebe[rs]?|chère?s?|cher|madame|monsieur|messieurs|estimad[oa]s?
        |querid[oa]s?|prezad[oa]s?|car[oai]s?|gentil[ei]|egregi[oa]?|spettabile|geachte|beste
        |уважаем(?:ый|ая|ые)|дорог(?:ой|ая|ие))\b
    | 尊敬的|亲爱的|प्रिय|आदरणीय|السادة|عزيز[يت]ي?
    """
)
"""How a letter begins: a name and a comma follow, and its text in the next line."""

ASKED: Final = _alternatives(
    r"""
    (?:könntest\ du|kannst\ du|können\ sie|könnten\ sie)\ mir\ (?:bitte\ |kurz\ |mal\ )*helfen
    | (?:tu\ peux|peux-tu|pouvez-vous|vous\ pouvez|pourriez-vous)\ m['’]aider
    | ¿?(?:me\ (?:puedes?|podrías?)\ ayudar|(?:puedes?|podrías?)\ ayudarme)
    | (?:você\ )?(?:pode|poderia)\ me\ ajudar|(?:mi\ (?:puoi|può)|puoi|può)\ aiutar(?:e|mi)
    | (?:kun\ (?:je|u)|kunt\ u)\ me\ (?:even\ )?helpen|(?:можешь|можете)\ (?:мне\ )?помочь
    | क्या\ (?:आप|तुम)\ मेरी\ मदद\ कर(?:\ सकते\ हैं|ेंगे|ोगे)|هل\ يمكنك\ مساعدتي
    | (?:ich\ )?hoffe,?\ (?:es|dir|ihnen|du|sie|alles)\b[^.!?\n]{0,50}
    | j['’]espère\ que\ (?:vous|tu|tout)\b[^.!?\n]{0,50}
    | espero\ que\ (?:est|teng|tenh|todo|tudo|te\ |se\ )[^.!?\n]{0,50}
    | spero\ (?:che\ )?(?:sti|tu|lei|tutto|voi|va)[^.!?\n]{0,50}
    | (?:ik\ )?hoop\ dat\ (?:het|alles|je|u)\b[^.!?\n]{0,50}
    | 请?帮我一下|请帮(?:帮我|个忙)
    | आशा\ है[^.!?।\n]{0,50}|надеюсь,?\ (?:у|что|все|всё)\b[^.!?\n]{0,50}
    """
)

PLEASE: Final = _alternatives(
    r"""
    bitte|s['’]il\ (?:te|vous)\ pla[iî]t|stp|svp|por\ favor|per\ (?:favore|piacere)
    | alsjeblieft|alstublieft|пожалуйста|कृपया|من\ فضلك|لو\ سمحتم?|رجاء(?:ا|ً|ًا)?
    | 请问一?下?|麻烦(?:你|您)|劳驾|すみません(?:が)?|恐れ入りますが|お願いします
        |失礼します|저기요|죄송하지만|실례지만
    """
)

PLEASE_BEHIND: Final = _alternatives(
    r"""
    bitte|s['’]il\ (?:te|vous)\ pla[iî]t|stp|svp|por\ favor|per\ (?:favore|piacere)
    | alsjeblieft|alstublieft|пожалуйста|कृपया|من\ فضلك|لو\ سمحتم?|رجاء(?:ا|ً|ًا)?
    | (?:どうぞ)?(?:よろしく)?お願い(?:いた|致)?します|(?:どうぞ)?よろしく
        |부탁해요?|부탁드(?:립니다|려요)
    """
)

THANKS: Final = _alternatives(
    r"""
    (?:(?:vielen|herzlichen|besten|tausend|lieben)\ )?danke?(?:\ (?:dir|ihnen|euch|schön|sehr
      |im\ voraus|vorab|und\ (?:beste|viele|liebe)\ grüße))*
    | (?:un\ grand\ )?merci(?:\ (?:beaucoup|bien|à\ (?:vous|toi)|infiniment
      |(?:par\ )?d?['’]?avance))*
    | ¡?(?:(?:muchas|muchísimas|mil)\ )?gracias(?:\ (?:de\ antemano|por\ (?:su|tu)\ ayuda))*
    | (?:muit[oa]s?\ )?(?:obrigad[oa]|valeu)(?:\ (?:desde\ já|pela\ ajuda|pela\ atenção))*
    | grazie(?:\ (?:mille|tante|in\ anticipo|dell['’]aiuto))*
    | (?:alvast\ )?(?:(?:heel\ erg|hartelijk|veel)\ )?(?:be)?dankt?
      (?:\ (?:je|u|jullie|wel|alvast))*
    """
)

THANKS_BEYOND: Final = _alternatives(
    r"""
    (?:заранее\ )?(?:(?:большое|огромное)\ )?(?:спасибо|благодарю)(?:\ (?:большое|заранее|вас|вам
      |за\ помощь))*
    | (?:非常|十分|多|太)?(?:感谢|谢谢?)(?:你们?|您|大家|啦|了|喽)*
    | (?:どうも)?ありがとう(?:ございま(?:す|した))?
      |(?:どうぞ|以上、)?よろしく(?:お願い(?:いた|致)?します)?
    | (?:बहुत[-\ ]?(?:बहुत\ )?)?(?:धन्यवाद|शुक्रिया|आभार)(?:\ सहित)?
    | (?:미리\ |정말\ |대단히\ )*(?:감사(?:합니다|드립니다|해요)|고마워요?|고맙습니다)
    | شكر(?:ا|ًا|اً)(?:\ (?:جزيل(?:ا|ًا|اً)|لك|لكم|مقدم(?:ا|ًا|اً)))*
    """
)
"""In other scripts than Latin, where nobody asks how they are said: no stop need be before them."""

CLOSING: Final = _alternatives(
    r"""
    (?:mit\ )?(?:(?:freundlich|best|lieb|herzlich|viel|schön)en?\ )?gr(?:ü|ue)(?:ß|ss)en?
        |mfg|herzlichst
    | (?:bien\ )?cordialement|bien\ à\ (?:vous|toi)
        |(?:mes\ )?(?:meilleures\ )?salutations(?:\ distinguées)?
    | bonne\ (?:journée|soirée)|amicalement|bises
        |(?:un\ )?(?:cordial\ )?saludos?(?:\ cordiales)?|atentamente
    | (?:um\ |un\ )?(?:forte\ )?abra[çz]os?|atenciosamente|cumprimentos
    | (?:(?:cordiali|distinti|tanti)\ )?saluti|a\ presto|cordialmente
    | (?:met\ )?(?:(?:vriendelijke|hartelijke|beste)\ )?groet(?:en|jes)?|mvg
    | с\ уважением|всего\ (?:доброго|хорошего)|с\ наилучшими\ пожеланиями
    | 此致|敬礼|祝好|顺祝商祺|祝(?:您|你)[^\n]{1,8}|敬具|草々|以上|सादर|भवदीया?|शुभकामनाओं\ सहित
    | مع\ (?:أطيب\ |خالص\ )?(?:التحيات|التحية|الشكر)|تحياتي|وتفضلوا\ [^\n]{1,40}
    | [^\s\n]{2,8}\ (?:드림|올림)
    """
)
