"""Answers that are not expressions but have a fixed form: phrases, dates, clock times, ranges, number words."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

from filters.answers.parse.nodes import EMPTY, INFINITY, MINUS_INFINITY, REALS, Node, make_number
from filters.answers.parse.number_words import has_unit_symbol, read_number, read_ordinal
from filters.answers.units import ORDINAL
from filters.answers.wordlists import make_word_set, read_rows

_PHRASES: dict[str, Node] = {}
for _node, _texts in (
    (EMPTY, "no solution|no solutions|none|no real solution|no real solutions|empty set|the empty set|no such number|"
            "no such numbers|there is no solution|there are no solutions|no solution exists|no solutions exist|"
            "no real roots|\\emptyset|无解|無解|pas de solution|sin solución|keine lösung"),
    (Node("phrase", value="undefined"), "dne|does not exist|undefined|not defined|the limit does not exist|"
            "limit does not exist|不存在"),
    (Node("phrase", value="infinite"), "infinitely many|infinite|infinitely many solutions|infinite solutions|"
            "an infinite number|infinite number of solutions|infinitely many real solutions|无穷多|无数"),
    (Node("phrase", value="undetermined"), "unknown|cannot be determined|can not be determined|can't be determined|"
            "not enough information|insufficient information|indeterminate|it cannot be determined|cannot determine|"
            "not possible to determine|it is not possible to determine|not determinable|undetermined|"
            "the answer cannot be determined|无法确定|不能确定|信息不足|题目信息不足|无法得出答案|条件不足"),
    (INFINITY, "infinity|positive infinity|plus infinity|+infinity|+\\infty|无穷大"),
    (MINUS_INFINITY, "negative infinity|minus infinity|-infinity"),
    (REALS, "all real numbers|all reals|all real x|every real number|any real number|real numbers|all real values|"
            "the set of all real numbers|all real values of x|全体实数"),
):  # fmt: skip
    _PHRASES |= dict.fromkeys(_texts.split("|"), _node)
_YES_NO = {
    "yes": "yes true correct 是 是的 对 对的 正确 sí si oui ja да はい 예 네 sim हाँ हां نعم",
    "no": "no false incorrect 否 不 不是 不对 错 错误 non nein нет いいえ 아니요 아니오 não नहीं لا",
}
_ALSO_NUMBERS = frozenset({"네"})
"""Words of `_YES_NO` that are numbers where nothing else stands: 네 is also four."""
_ALSO_IF = frozenset({"si"})
"""Words of `_YES_NO` that also begin a condition, and so are no clause of their own: si is also if."""
for _value, _words in _YES_NO.items():
    _PHRASES |= dict.fromkeys(make_word_set(_words) - _ALSO_NUMBERS, Node("phrase", value=_value))

_MARKUP = re.compile(
    r"\\(?:text|mathrm|textbf|mathbf|mathtt|texttt|mbox|operatorname)(?:rm|bf|it|tt)?(?![A-Za-z])|[{}*]|\\[,;:! ]"
)
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?:(?P<y>\d{4})年 ?)?(?P<m>\d{1,2})月 ?(?P<d>\d{1,2})[日号號]"),
    re.compile(r"(?:(?P<y>\d{4})년 ?)?(?P<m>\d{1,2})월 ?(?P<d>\d{1,2})일"),
)
MIN_DATE = 4
"""Characters of the shortest date: 5月1日, 1 may."""
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,? ")
_YES, _NO = ("|".join(sorted(make_word_set(words) - _ALSO_IF)) for words in _YES_NO.values())
_FIRST_CLAUSE = re.compile(
    rf"(?:[\s*_\"“'(]|\\text\{{)*(?:(?P<yes>{_YES})|(?P<no>{_NO}))[*_\"”')}}]*"
    r"(?=\s*(?:[.!,;:。！，；：、।—–]|\Z)|[ \t]*\n|\s+-\s)(?!\.\s*\d)",
    re.IGNORECASE,
)
"""A yes or no that is a clause of its own: "No divisors" and "No. 5" are none."""
_UNSETTLES = re.compile(
    r"\b(?:if|unless|only|but|however|except|although|though|provided|depends?|depending|otherwise|sometimes|wait|maybe|perhaps"
    r"|si|pero|salvo|excepto|sólo|solamente|mais|sauf|seulement|wenn|falls|aber|außer|nur|se|mas|apenas|somente"
    r"|если|только|но|кроме)\b|如果|除非|但|只有|仅|假如|もし|ただし|場合|限り|만약|하지만|경우|अगर|यदि|लेकिन|केवल|सिवाय",
    re.IGNORECASE,
)
"""Conditions and exceptions, after which the first word alone says nothing."""
_AGAINST = {
    "yes": re.compile(
        r"\b(?:not|cannot|never|false|untrue|incorrect|wrong)\b|n['’]t\b|\bno(?=\W*(?:$|[.,;:!?\n]))|\b(?:is|so|therefore|thus|hence|then|answer)[\s:*\"]{1,4}no\b"
        r"|\b(?:nunca|falso|falsa|non(?!-)|ne|pas|jamais|faux|fausse|nein|nicht|keine?|niemals|falsch|não|нет|не|неверно|никогда)\b|\bno (?:es|son|hay|tiene)\b"
        r"|[不没非否错]|いいえ|ない|ません|違|아니|않|없|못|틀|नहीं|गलत|لا",
        re.IGNORECASE,
    ),
    "no": re.compile(
        r"\b(?:yes|true|correct|right|indeed|sí|cierto|verdader[oa]|oui|vraie?|ja|doch|wahr|richtig|sim|certo|да|верно)\b"
        r"|是的|对的|正确|はい|正しい|(?:예|네)[,.]|맞|हाँ|हां|सही|نعم",
        re.IGNORECASE,
    ),
}
"""What may say the opposite of the first word; "no" before its noun does not."""
MAX_AFTER_WORD = 6_000
"""Characters after a first yes or no that are read: of a longer text, the first word proves nothing."""
_BASED = re.compile(r"(\d[\dA-Za-z]*[A-Za-z][\dA-Za-z]*)_\{?(1[1-9]|2\d|3[0-6])\}?")
_AFTERNOON = make_word_set("下午 晚上 午後 午后 오후")
_HAN_CLOCK = re.compile(
    r"(?P<half>上午|下午|早上|晚上|凌晨|午前|午後|午后|오전|오후)? ?(?P<h>\d{1,2}) ?[时時点點시] ?(?:(?P<m>[0-5]?\d|半)(?: ?[分분])?)?"
)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?([ap])\.?m\.?|(\d{1,2}):(\d{2})(?: ?(?:o'clock|h|hrs))")
_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"(?:from )?({_NUMBER}) ?(%?) ?(?:--?|to) ?({_NUMBER}) ?(%?)")


def strip_markup(text: str) -> str:
    """A cleaned answer without text mark-up, in small letters."""
    return " ".join(_MARKUP.sub(" ", text).split()).casefold().strip(" .,:;!")


def read_literal(text: str) -> Node | None:
    """The tree of a cleaned answer that has a fixed form, or None."""
    if len(text) > 120:
        return None
    plain = strip_markup(text)
    return (
        _PHRASES.get(plain)
        or _read_based(text)
        or _read_date(plain)
        or _read_clock(plain)
        or _read_range(plain)
        or (None if has_unit_symbol(text) else _read_words(plain))
    )


def read_yes_or_no(text: str) -> Node | None:
    """The yes or no that is the first clause of a text, where nothing after it conditions it or says the opposite."""
    first = _FIRST_CLAUSE.match(text)
    if first is None or len(text) - first.end() > MAX_AFTER_WORD:
        return None
    word, rest = first.lastgroup or "", text[first.end() :]
    if _UNSETTLES.search(rest) or _AGAINST[word].search(rest):
        return None
    return Node("phrase", value=word)


def _read_based(text: str) -> Node | None:
    """Digits beyond 9 in a base: 2A_{16}; in small letters only where the base is 16."""
    match = _BASED.fullmatch(text)
    if match is None or not (match[1].isupper() or match[2] == "16"):
        return None
    return Node("based", value=f"{match[1].lower()}_{match[2]}")


@cache
def _load_months() -> dict[str, int]:
    """The names of the months with their numbers."""
    return {
        name: number
        for _, *months in read_rows(Path(__file__).with_name("months.tsv"))
        for number, names in enumerate(months, 1)
        for name in names.split()
    }


@cache
def _load_dates() -> tuple[re.Pattern[str], ...]:
    """The forms of a date, those with the name of a month first."""
    month = "|".join(sorted(_load_months(), key=len, reverse=True))
    return (
        re.compile(rf"(?P<m>{month})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:(?: ?, ?| )(?P<y>\d{{3,4}}))?"),
        re.compile(
            rf"(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?(?: (?:of|de))? (?P<m>{month})\.?(?:(?: ?, ?| de | )(?P<y>\d{{3,4}})(?: (?:года|г\.?))?)?"
        ),
        *_DATES,
    )


def _read_date(plain: str) -> Node | None:
    if plain.isdigit() or len(plain) < MIN_DATE:
        return None
    plain = _WEEKDAY.sub("", plain)
    for pattern in _load_dates():
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        month = _load_months().get(match["m"]) or int(match["m"])
        if not (1 <= month <= 12 and 1 <= int(match["d"]) <= 31):
            continue
        return Node("date", value=f"{match['y'] or ''}-{month:02d}-{int(match['d']):02d}")
    return None


def _read_clock(plain: str) -> Node | None:
    match = _CLOCK.fullmatch(plain)
    if match is None:
        return _read_han_clock(plain)
    hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
    if match[3] and hour <= 12:
        hour = hour % 12 + (12 if match[3] == "p" else 0)
        return Node("clock", value=f"{hour:02d}:{minute:02d}")
    return Node("clock", value=f"{hour:02d}:{minute:02d}{'' if hour > 12 else '?'}")


def _read_han_clock(plain: str) -> Node | None:
    """下午3时, 2時30分, 오후 3시: a time of day, where the half of the day or the minutes stand with the hour."""
    match = _HAN_CLOCK.fullmatch(plain)
    if match is None or not (match["half"] or match["m"]) or int(match["h"]) > 24:
        return None
    hour, minute = int(match["h"]), 30 if match["m"] == "半" else int(match["m"] or 0)
    if match["half"] and hour <= 12:
        hour = hour % 12 + (12 if match["half"] in _AFTERNOON else 0)
        return Node("clock", value=f"{hour:02d}:{minute:02d}")
    return Node("clock", value=f"{hour:02d}:{minute:02d}{'' if hour > 12 else '?'}")


def _read_range(plain: str) -> Node | None:
    match = _RANGE.fullmatch(plain)
    if match is None:
        return None
    low, high = Fraction(match[1]), Fraction(match[3])
    return Node("range", (make_number(low), make_number(high))) if low < high else None


def _read_words(plain: str) -> Node | None:
    value = read_number(plain)
    if value is not None:
        return make_number(value)
    ordinal = read_ordinal(plain)
    return None if ordinal is None else Node("quantity", (make_number(ordinal),), unit=ORDINAL)
