"""What a column `language` says, in any usual form, as an ISO 639 code; what names no language is None."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_NAMES: Final = """
af afr Afrikaans|am amh Amharic አማርኛ|ar ara arb Arabic Modern_Standard_Arabic العربية|as asm Assamese|az aze azj Azerbaijani
be bel Belarusian|bg bul Bulgarian Български|bn ben Bengali Bangla বাংলা|bo bod tib Tibetan|br bre Breton|bs bos Bosnian
ca cat Catalan Català|ceb Cebuano|ckb Sorani Central_Kurdish|cs ces cze Czech Čeština|cy cym wel Welsh|da dan Danish Dansk
de deu ger German Deutsch|el ell gre Greek Modern_Greek Ελληνικά|en eng English British_English American_English
eo epo Esperanto|es spa Spanish Español Castellano Castilian|et est ekk Estonian|eu eus baq Basque Euskara
fa fas per pes Persian Farsi Western_Persian فارسی|fi fin Finnish Suomi|tl tgl fil Filipino Tagalog
fr fra fre French Français|ga gle Irish|gd gla Scottish_Gaelic|gl glg Galician Galego|gu guj Gujarati|ha hau Hausa
he iw heb Hebrew עברית|hi hin Hindi हिन्दी|hr hrv Croatian Hrvatski|ht hat Haitian Haitian_Creole|hu hun Hungarian Magyar
hy hye arm Armenian|id ind Indonesian Bahasa_Indonesia|ig ibo Igbo|is isl ice Icelandic|it ita Italian Italiano
ja jpn Japanese 日本語|jv jw jav Javanese|ka kat geo Georgian|kk kaz Kazakh|km khm Khmer|kn kan Kannada
ko kor Korean 한국어|ku kur kmr Kurdish Northern_Kurdish|ky kir Kyrgyz|la lat Latin|lb ltz Luxembourgish|lo lao Lao
lt lit Lithuanian|lv lav lvs Latvian|mg mlg plt Malagasy|mi mri mao Maori|mk mkd mac Macedonian|ml mal Malayalam
mn mon khk Mongolian|mr mar Marathi|ms msa may zsm Malay Bahasa_Melayu|mt mlt Maltese|my mya bur Burmese
ne nep npi Nepali|nl nld dut Dutch Nederlands Flemish|no nor nob nno nb nn Norwegian Norsk Bokmål Nynorsk Norwegian_Bokmål
ny nya Chichewa|oc oci Occitan|om orm Oromo|or ori ory Odia Oriya|pa pan Punjabi Panjabi|pl pol Polish Polski
ps pus pbt Pashto|pt por Portuguese Brazilian_Portuguese Português|ro ron rum Romanian Română|ru rus Russian Русский
rw kin Kinyarwanda|sa san Sanskrit|sd snd Sindhi|si sin Sinhala Sinhalese|sk slk slo Slovak Slovenčina
sl slv Slovenian Slovene|sn sna Shona|so som Somali|sq sqi alb Albanian Shqip|sr srp Serbian Српски|st sot Sesotho
su sun Sundanese|sv swe Swedish Svenska|sw swa swh Swahili Kiswahili|ta tam Tamil தமிழ்|te tel Telugu తెలుగు|tg tgk Tajik
th tha Thai ไทย|ti tir Tigrinya|tk tuk Turkmen|tn tsn Setswana|tr tur Turkish Türkçe|tt tat Tatar|ug uig Uyghur Uighur
uk ukr Ukrainian Українська|ur urd Urdu اردو|uz uzb uzn Uzbek|vi vie Vietnamese Tiếng_Việt|wo wol Wolof|xh xho Xhosa
yi yid ydd Yiddish|yo yor Yoruba|yue Cantonese 粤语 粵語|zu zul Zulu
zh zho chi cmn Chinese Mandarin Mandarin_Chinese Simplified_Chinese Traditional_Chinese 中文 汉语 漢語 普通话 简体中文 繁體中文
"""
_CODES: Final = {
    word.lower().replace("_", " "): entry.split()[0]
    for entry in _NAMES.replace("\n", "|").split("|")
    if entry.strip()
    for word in entry.split()
}


_PROGRAMMING: Final = frozenset({"cs", "hy", "ml", "pl"})
"""Two letters that code sets have for C#, Hy, ML and Perl; alone they name no language, and the prompt's counts."""
_SCRIPTS: Final = (
    "arab|armn|beng|cyrl|deva|ethi|geor|grek|gujr|guru|hang|hans|hant|hebr|jpan|khmr|knda|kore|laoo|latn|mlym|mymr|orya"
    "|sinh|taml|telu|thai|tibt"
)
_LOCALE: Final = re.compile(rf"(?P<code>[a-z]{{2,3}})[-_](?:{_SCRIPTS}|[a-z]{{2}}|\d{{3}})(?:[-_.].*)?")


@lru_cache(1024)
def find_language(named: str) -> str | None:
    """The code of a language named by code (en, eng, en-US, eng_Latn), in English or in itself; None where it is none.

    >>> find_language("English"), find_language("zh-CN"), find_language("eng_Latn"), find_language("python")
    ('en', 'zh', 'en', None)
    """
    text = re.sub(r"\s*[(（].*", "", named[:100].strip().lower(), flags=re.DOTALL)
    if text in _PROGRAMMING:
        return None
    locale = _LOCALE.fullmatch(text)
    return _CODES.get(locale["code"] if locale else text.replace("_", " "))
