"""Language detection: which language a prompt or a chain is in, and which others a prompt allows."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from filters.languages.identifiers import Identifier
from filters.languages.lexicon import LANGUAGE_BITS, WORD, WORD_BITS, list_languages, normalize_word
from filters.languages.mixing import UNKNOWN, Segment, find_foreign_segments
from filters.languages.prose import blank_non_prose
from filters.languages.scripts import count_letters, get_script_language, list_scripts

_READ = 6000
"""Characters read to tell a text's language."""
_LETTERS_A_WORD = {"latin": 4.5, "han": 1.6, "kana": 2.2, "hangul": 2.5, "thai": 4.0}
_SURE, _LONG_ENOUGH = 0.6, 20
_UKRAINIAN, _PERSIAN = re.compile("[іїєґ]", re.I), re.compile("[پچژگ]")

# The languages' names in the languages of the word lists, as stems.
_NAMES = {
    "en": r"english|inglés|anglais|englisch|inglese|inglês|engels|tiếng anh|английск|英语|英文|英語|영어|الإنجليزية|अंग्रेज़ी|अंग्रेजी",
    "zh": r"chinese|mandarin|chino|chinois|chinesisch|cinese|chinês|chinees|tiếng trung|китайск|中文|汉语|中国語|중국어|الصينية|चीनी",
    "es": r"spanish|español|espagnol|spanisch|spagnolo|espanhol|spaans|tây ban nha|испанск|西班牙语|スペイン語|스페인어|الإسبانية|स्पेनिश",
    "fr": r"french|francés|français|französisch|francese|francês|frans\b|tiếng pháp|французск|法语|フランス語|프랑스어|الفرنسية|फ्रेंच",
    "de": r"german|alemán|allemand|deutsch|tedesco|alemão|duits|tiếng đức|немецк|德语|ドイツ語|독일어|الألمانية|जर्मन",
    "it": r"italian|italien|italienisch|italiaans|tiếng ý|итальянск|意大利语|イタリア語|이탈리아어|الإيطالية|इतालवी",
    "pt": r"portugu[eêé]s|portuguese|portugais|portugiesisch|portoghese|portugees|bồ đào nha|португальск|葡萄牙语|ポルトガル語|포르투갈어|البرتغالية|पुर्तगाली",
    "nl": r"dutch|neerlandés|néerlandais|niederländisch|olandese|holandês|nederlands|tiếng hà lan|голландск|нидерландск|荷兰语|オランダ語|네덜란드어|الهولندية|डच",
    "ru": r"russian|ruso\b|russe|russisch|russo\b|tiếng nga|русск|俄语|ロシア語|러시아어|الروسية|रूसी",
    "ja": r"japanese|japonés|japonais|japanisch|giapponese|japonês|japans|tiếng nhật|японск|日语|日文|日本語|일본어|اليابانية|जापानी",
    "ko": r"korean|coreano|coréen|koreanisch|koreaans|tiếng hàn|корейск|韩语|韓国語|한국어|الكورية|कोरियाई",
    "ar": r"arabic|árabe|arabe|arabisch|arabo|tiếng ả rập|арабск|阿拉伯语|アラビア語|아랍어|العربية|अरबी",
    "hi": r"hindi|tiếng hindi|хинди|印地语|ヒンディー語|힌디어|الهندية|हिन्दी|हिंदी",
    "vi": r"vietnamese|vietnamita|vietnamien|vietnamesisch|vietnamees|tiếng việt|вьетнамск|越南语|ベトナム語|베트남어|الفيتنامية|वियतनामी",
    "la": r"\blatin\b|latín|拉丁语", "tr": r"turkish|土耳其语", "pl": r"\bpolish\b|波兰语", "sv": r"swedish|瑞典语",
    "id": r"indonesian|印尼语", "el": r"\bgreek\b|希腊语", "he": r"hebrew|希伯来语", "th": r"\bthai\b|泰语",
    "af": "afrikaans", "az": "azerbaijani|azeri", "bs": "bosnian", "ca": "catalan|valencian", "ceb": "cebuano", "cs": "czech",
    "cy": r"\bwelsh\b", "da": r"\bdanish\b", "eo": "esperanto", "et": "estonian", "eu": r"\bbasque\b", "fi": r"\bfinnish\b",
    "ga": r"\birish\b", "gd": "scottish gaelic", "gl": "galician", "hr": "croatian", "ht": "haitian|creole", "hu": "hungarian",
    "is": "icelandic", "jv": "javanese", "ku": "kurdish", "lt": "lithuanian", "lv": "latvian", "mg": "malagasy", "ms": r"\bmalay\b",
    "mt": "maltese", "no": "norwegian", "oc": "occitan", "ro": "romanian", "sk": "slovak", "sl": "slovene|slovenian",
    "so": r"\bsomali\b", "sq": "albanian", "sr": "serbian", "su": "sundanese", "sw": "swahili", "tl": "tagalog|filipino", "uz": "uzbek",
}  # fmt: skip
_NAMED = {language: re.compile(names, re.I) for language, names in _NAMES.items()}
_ABOUT_LANGUAGE = re.compile(
    r"translat|bilingual|pronounce|transcri|dictionary|vocabulary|\bwords? (?:in|for|means?)\b|\bsentences? in\b|\bphrase\b|\blanguage"
    r"|\b(?:in|into|to|from|using) (?:\w+ and )?(?:english|chinese|mandarin|spanish|french|german|italian|portuguese|dutch|russian|japanese"
    r"|korean|arabic|hindi|vietnamese|latin|turkish|polish|swedish|indonesian|greek|hebrew|thai)\b|\b(?:say|write|answer|reply|respond|think)\b.{0,40}\bin\b"
    r"|c[oó]mo se d(?:ice|iz)|comment dit|wie sagt man|come si dice|hoe zeg|как (?:будет|сказать)|怎么说|怎麼說|何と言|어떻게 말|nói thế nào"
    r"|traduc|tradui|traduz|tradur|tradot|traduç|übersetz|vertaal|dịch|перевед|перевест|перевод|翻译|翻訳|译成|译为|번역|ترجم|अनुवाद"
    r"|用.{0,4}[语文]|[语文]怎么|語で|어로|auf \w+isch|auf deutsch|en \w+(?:és|ais|ol)\b|in het |по-\w+ски|بالل?غة|में (?:लिख|बता)",
    re.I,
)
_QUOTED = re.compile("[\"“'‘「『][a-z][a-z ]{2,60}[\"”'’」』]")


def detect_language(text: str, identifier: Identifier | None = None) -> str | None:
    """The language of a text as an ISO code, or None where it is too short to tell."""
    prose = blank_non_prose(text[:_READ])
    weights = {
        script: count / _LETTERS_A_WORD.get(script, 4.5) for script, count in count_letters(prose).items()
    }
    weights["latin"] = sum(len(word) > 1 for word in WORD.findall(prose))
    script = max(weights, key=weights.__getitem__)
    if not weights[script]:
        return None
    if script == "latin":
        return _detect_by_words(prose, identifier)
    if script in ("han", "kana"):
        return "ja" if weights.get("kana", 0) * 6 > weights.get("han", 0) else "zh"
    return _detect_by_script(prose, script, identifier)


def _detect_by_words(prose: str, identifier: Identifier | None) -> str | None:
    words = [normalize_word(word) for word in WORD.findall(prose)]
    votes = dict.fromkeys(LANGUAGE_BITS, 0)
    for bits, count in Counter(map(WORD_BITS.get, words)).items():
        for language in list_languages(bits or 0):
            votes[language] += count
    first, second = sorted(votes, key=votes.__getitem__, reverse=True)[:2]
    if votes[first] > votes[second] and votes[first] >= min(2, len(words)) and votes[first] * 6 >= len(words):
        return first
    if identifier and len(prose.strip()) >= _LONG_ENOUGH and len(words) >= 3:
        language, probability = identifier.identify(prose)
        if probability >= _SURE and "latin" in list_scripts(language):
            return language
    return first if votes[first] > votes[second] else None


def _detect_by_script(prose: str, script: str, identifier: Identifier | None) -> str | None:
    if script == "cyrillic" and not _UKRAINIAN.search(prose) and len(prose.strip()) < _LONG_ENOUGH:
        return "ru"
    if script not in ("hangul", "greek", "hebrew", "thai") and identifier:
        language, probability = identifier.identify(prose)
        if probability >= _SURE and script in list_scripts(language):
            return language
    if script == "cyrillic" and _UKRAINIAN.search(prose):
        return "uk"
    if script == "arabic" and _PERSIAN.search(prose):
        return "fa"
    return get_script_language(script)


@lru_cache(maxsize=64)
def find_allowed_languages(prompt: str, target: str) -> frozenset[str]:
    """The languages a prompt brings in itself: named in a task about languages, or written in it."""
    about = _ABOUT_LANGUAGE.search(prompt)
    named = {language for language, names in _NAMED.items() if about and names.search(prompt)}
    written = find_foreign_segments(blank_non_prose(prompt, quotations=False), frozenset({target}))
    if "latin" not in list_scripts(target) and _QUOTED.search(prompt):
        named.add("en")  # a word to be used, compared or explained
    return frozenset(named | {s.language for s in written if _is_written(s)} | {target})


def _is_written(segment: Segment) -> bool:
    """Whether a prompt is in a language, too, and does not only borrow a word, which is welcome as it is."""
    return segment.language != UNKNOWN and (
        "latin" not in list_scripts(segment.language) or segment.words > 1
    )
