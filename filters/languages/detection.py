"""Language detection: which language a prompt or a chain is in, and which others a prompt allows."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache, reduce
from operator import or_

from filters.languages.identifiers import Identifier
from filters.languages.language_names import LANGUAGE_NAMES
from filters.languages.lexicon import TASK_BITS, WORD, list_languages, normalize_word
from filters.languages.mixing import UNKNOWN, Segment, find_foreign_segments
from filters.languages.prose import blank_non_prose
from filters.languages.scripts import count_letters, get_script_language, list_scripts
from filters.languages.shared_words import NEUTRAL_WORDS

_READ = 6000
"""Characters read to tell a text's language."""
_LETTERS_A_WORD = {"latin": 4.5, "han": 1.6, "kana": 2.2, "hangul": 2.5, "thai": 4.0}
_SURE, _LONG_ENOUGH, _FEW_LETTERS = 0.6, 20, 12
_MANY, _TEXT_WORDS = 6, 12
"""One word in so many is of a language's list in any ordinary text of so many words."""
_LETTER_WORDS = frozenset("aeoAEOàéèóÀÉÈÓ")
"""Single letters that are words; the others are variables."""
_UKRAINIAN, _PERSIAN = re.compile("[іїєґ]", re.I), re.compile("[پچژگ]")

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


def detect_language(text: str, identifier: Identifier | None = None, guess: bool = False) -> str | None:
    """The language of a text as an ISO code, or None where it is too short to tell.

    guess: of languages that have as many words in it the likeliest is taken.
    """
    prose = blank_non_prose(text[:_READ])
    weights = {
        script: count / _LETTERS_A_WORD.get(script, 4.5) for script, count in count_letters(prose).items()
    }
    weights["latin"] = sum(len(word) > 1 for word in WORD.findall(prose))
    script = max(weights, key=weights.__getitem__)
    if not weights[script]:
        return None
    if script == "latin":
        return _detect_by_words(prose, identifier, guess)
    if script in ("han", "kana"):
        return "ja" if weights.get("kana", 0) * 6 > weights.get("han", 0) else "zh"
    return _detect_by_script(prose, script, identifier)


def list_words(prose: str) -> list[str]:
    """The words of a text in Latin letters as the lists have them, variables left out."""
    return [normalize_word(word) for word in WORD.findall(prose) if len(word) > 1 or word in _LETTER_WORDS]


def _detect_by_words(prose: str, identifier: Identifier | None, guess: bool) -> str | None:
    words = set(
        list_words(prose)
    )  # each once: one short word that two languages share says no more the tenth time
    votes = Counter[str]()
    for bits, count in Counter(TASK_BITS.get(word, 0) for word in words).items():
        votes.update(dict.fromkeys(list_languages(bits), count))
    most = max(votes.values(), default=0)
    first = [language for language in votes if votes[language] == most]
    if first:  # names, units and particles alone are of no language
        telling = reduce(or_, (TASK_BITS.get(word, 0) for word in words - NEUTRAL_WORDS), 0)
        first = [language for language in list_languages(telling) if language in first]
    language = first[0] if len(first) == 1 else None
    usual = most * _MANY >= len(words)
    if language and most >= min(2, len(words)) and usual:
        return language
    if identifier and len(words) >= 3 and len(prose.strip()) >= (_FEW_LETTERS if guess else _LONG_ENOUGH):
        named, probability = identifier.identify(prose)
        if (probability >= _SURE and "latin" in list_scripts(named)) or (guess and named in first):
            return named
    if not usual and len(words) >= _TEXT_WORDS:
        return None
    return first[0] if guess and first and len(words) < _TEXT_WORDS else language


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
    named = {language for language, names in LANGUAGE_NAMES.items() if about and names.search(prompt)}
    prose = blank_non_prose(prompt, quotations=False)
    written = find_foreign_segments(prose, frozenset({target}), mentioned=True)
    if "latin" not in list_scripts(target) and _QUOTED.search(prompt):
        named.add("en")  # a word to be used, compared or explained
    return frozenset(named | {s.language for s in written if _is_written(s)} | {target})


def _is_written(segment: Segment) -> bool:
    """Whether a prompt is in a language, too, and does not only borrow a word, which is welcome as it is."""
    return segment.language != UNKNOWN and (
        "latin" not in list_scripts(segment.language) or segment.words > 1
    )
