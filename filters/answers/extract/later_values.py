"""Another value after a cue's answer: "No, 6.", a line that is nothing but a value, "so the result is 6".

A later value is the answer's rival: a verdict must hold for both.
"""

from __future__ import annotations

import re

from filters.answers.extract.same_answer import is_same_answer

MAX_LATER = 1_500
"""Characters after an answer in which another value is looked for."""

_VALUE = (
    r"[*_`]{0,3}(?P<value>\$[^$\n]{1,80}\$|\\\([^\n]{1,80}?\\\)|\\boxed\{[^{}\n]{1,40}\}"
    r"|[-−+]?[$€£]?\d[\d,]*(?:\.\d+)?(?:/\d+)?%?(?![\w.]*\d)|\(?(?-i:[A-J])\)?(?=[*_)]{0,4}[ \t]*(?:[.,;:!?)\n。，；！—]|\Z|[^\x00-\x7f])))[*_`]{0,3}"
)
_IS = (
    r"(?:(?:it|that|this|the (?:\w+ )?(?:answer|result|value|option|choice))(?:['’]s| is| should be| must be| would be) |it['’]s |to "
    r"|(?:la (?:respuesta|réponse)|die antwort|a resposta|ответ) (?:es|est|ist|é) |es |c['’]est |est |es ist |ist |é |это |ответ |是|为|答案是|答案为|option |make that )?"
)
_BACK = re.compile(
    r"(?:^|[.!?;,…—–(]\s|[。！？；，\n]|।\s?)[\s*_#]*"
    r"(?:(?:no|nope|sorry|oops|actually|rather|instead|correction|corrected|edit|update|erratum|in fact|or rather|hmm|"
    r"non|en fait|désolé|pardon|plutôt|nein|doch|tatsächlich|eigentlich|korrektur|sondern|perdón|en realidad|corrección|más bien|mejor dicho"
    r"|não|na verdade|desculpe|aliás|correção|нет|вернее|точнее|на самом деле|извините|исправление"
    r"|नहीं|असल में|वास्तव में|सुधार)\b[*_]{0,3}"
    r"|I (?:really |actually )?(?:meant|mean|change|changed|correct|revise)(?: (?:my|the))?(?: (?:final )?answer)?\b|make that|नहीं|असल में|वास्तव में"
    r"|不[,，]|不对|更正|实际上|其实|应该是|いや|いえ|訂正|実際は|実は|아니[,요]?|사실은?|정정)"
    r"[*_]{0,3}[\s,:：，、।—–-]{0,4}(?:(?:no|not|actually|sorry)[*_]{0,3}[\s,:，]{1,4})?" + _IS + _VALUE,
    re.IGNORECASE | re.MULTILINE,
)
_RESULT = re.compile(
    r"\b(?:so|thus|hence|therefore|then|finally|however|but)\b[^.\n]{0,60}?"
    r"(?:\b(?:the|my|our) (?:(?:final|correct|actual|real|true|right) )?(?:result|answer|total|value)\b(?: (?:is|becomes|equals|should be|must be|comes to))?"
    r"|(?<=[,;] )so|(?:(?<=so)|(?<=thus)|(?<=hence)|(?<=therefore)) (?:it is|it['’]s|we (?:get|have))|(?<=\bso)|(?<=\bthus)|(?<=\bhence))"
    r"[\s:=,]{1,4}" + _VALUE + r"(?=\s*(?:[.,;!]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_WIDE_RESULT = re.compile(
    r"(?:最后|最终|正确)?(?:的)?(?:结果|答案)(?:应该|应)?(?:是|为|[:：])\s?" + _VALUE
    + r"|(?:結果|答え)は\s?[*_]{0,3}(?P<japanese>[-−]?\d[\d,.]*|[A-J](?![A-Za-z]))|(?:결과는|답은)\s?[*_]{0,3}(?P<korean>[-−]?\d[\d,.]*|[A-J](?![A-Za-z]))"
)  # fmt: skip
_BARE = re.compile(r"^[ \t]*" + _VALUE + r"[ \t]*\.?[ \t]*$", re.MULTILINE)
_DRAWS = re.compile(
    r"(?:so|thus|hence|therefore|making|giving|leaving|meaning|donc|also|portanto|así que|所以|因此|故)(?!\w)[^.\n]{0,80}?(?P<value>[-−]?(?<![\w^_])\d[\d,]*(?:\.\d+)?)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:\)|;|,)\s*(?:(?:and|or|otherwise|else)\s+)?[*$]{0,2}(?P<value>[-−]?\d[\d,]*(?:\.\d+)?)(?=[$*]{0,2}\s*(?:[(.;]|if\b|when\b|for\b|\Z))"
)


def find_later_value(text: str, end: int, answer: str) -> str:
    """Another value that the text gives after the answer that ends at `end`; empty where there is none."""
    stop = min(len(text), end + MAX_LATER)
    if not any(sign.isalnum() for sign in text[end:stop]):
        return ""
    for pattern in (_BACK, _RESULT, _WIDE_RESULT, _BARE):
        for found in pattern.finditer(text, end, stop):
            value = next(part for part in found.groups() if part is not None).strip("()")
            if not _is_same(value, answer):
                return value
    return ""


_EQUATED = re.compile(
    r"(?:^|[.!?,;]\s)[\s*]*(?:(?:so|thus|hence|therefore|then|but|however|pero|mais|aber|mas|но|donc|also|portanto|итак|значит)\b,?)\s+"
    r"(?:\$?[A-Za-z]\s*=\s*\$?|(?:it|that|this) (?:is|equals) |(?:es|est|ist|es ist|é|c['’]est|это) )"
    + _VALUE
    + r"(?=\$?\s*(?:[.,;!]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_QUANTITY = re.compile(
    r"\A[\s$.*}]*(?:The|Its|Their) (?!(?:\w+ )?(?:answer|result|correct|option|choice))[a-z]+ (?:is|equals|are|becomes) "
    + _VALUE
    + r"\s*\.?\s*\Z"
)


def find_value_after_mark(text: str, end: int, answer: str) -> str:
    """Another value after the box or tag that ends at `end`, where a sentence may go on without a stop; or nothing."""
    rest = text[end : end + MAX_LATER].lstrip("$.*} ")
    if not any(sign.isalnum() for sign in rest):
        return ""
    found = find_later_value(rest, 0, answer)
    if found:
        return found
    for pattern in (_EQUATED, _QUANTITY):
        for clause in pattern.finditer(rest):
            if not _is_same(clause["value"].strip("()"), answer):
                return clause["value"].strip("()")
    return ""


def find_consequence(text: str, begin: int, end: int, answer: str) -> str:
    """Another number that a clause draws from the answer: "so the total is 10"; empty where there is none."""
    found = _DRAWS.match(text, begin, end)
    return found["value"] if found and not _is_same(found["value"], answer) else ""


def find_second_value(text: str, clause: re.Match[str], end: int) -> str:
    """A further value after the clause, as in "5 (for x > 0), 6 (for x < 0)"; empty where there is none."""
    found = _MORE.search(text, clause.end(), end)
    return found["value"] if found else ""


def _is_same(value: str, answer: str) -> bool:
    plain = value.strip("$ ").removeprefix("\\(").removesuffix("\\)").strip()
    within = re.search(rf"(?<![\d.−-]){re.escape(plain)}(?!\d|[.,]\d)", answer) if plain else True
    return within is not None or is_same_answer(plain, answer.strip("$ ()."))
