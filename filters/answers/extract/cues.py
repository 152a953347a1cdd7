"""Final answers that a cue phrase announces, in many languages: "the answer is", "#### 5", "答案是".

The repetitions in the patterns are bounded, or of white space or the rest of one line, and only the tail of a
response is searched, so that a hostile text stays cheap.
"""

from __future__ import annotations

import re
from dataclasses import replace

from filters.answers.extract.attributions import find_attribution, is_not_chosen
from filters.answers.extract.cue_objects import MAX_ANSWER, find_object, is_negated, is_remark, make_place
from filters.answers.extract.doubts import find_doubt_before
from filters.answers.extract.later_values import find_later_value
from filters.answers.extract.same_answer import is_same_answer
from filters.answers.place import Place

MAX_AFTER = 800
"""Characters that may follow a cue's answer: after more, the text has moved on."""
MAX_CUES = 40
"""Cue phrases that are looked at, the last ones first."""

_CUE = re.compile(
    r"\b(?:answers?|option|choice|(?<=correct )(?:option|choice)s)\b\*{0,2}(?: \([^()\n]{1,40}\))?(?:\s{1,4}to\s{1,4}(?:the|this)\s{1,4}\w{1,20}|\s{1,4}(?:among|of|from)\s{1,4}(?:the|these|those)\s{1,4}\w{1,20})?"
    r"(?:,?\s{1,4}(?:here|then|thus|therefore|hence|now)\b,?)?(?:\s{1,4}(?:is|will\s{1,4}be|has\s{1,4}to\s{1,4}be|would\s{1,4}be|must\s{1,4}be|should\s{1,4}be|equals|are|comes\s{1,4}(?:out\s{1,4})?to|(?:seems|appears)\s{1,4}to\s{1,4}be|isn['’]t)\b"
    r"|\s{0,4}(?:[:：=→⇒]|->|=>))"
    r"|(?:^|\n)[#* ]{0,8}(?:(?:the )?(?:final |correct )?answer|(?:最终|正确|参考)?答案(?:如下)?|答え|解答|정답|답|respuesta(?: (?:final|correcta))?|réponse(?: (?:finale|correcte))?|antwort|resposta(?: (?:final|correta))?|ответ|उत्तर)[*:： ]{0,4}(?=\n)"
    r"|\bans\b\.?\s{0,2}[:：=]"
    r"|####(?!#)"
    r"|【(?:正确)?答案】|答案?(?:应该|应)?(?:选择?|是|为|[:：])|(?:故|应|正确)?选(?:择|项)?(?:是|为)?(?=[\s:：(（]{0,3}[A-J](?![A-Za-z]))"
    r"|(?:答え|正解|解答)(?:は|[:：])|정답은|답은|(?:정답|답)\s*[:：]"
    r"|\brespuesta(?:\s+(?:final|correcta))?(?:\s+(?:es|son)\b|\s*:)"
    r"|\bréponse(?:\s+(?:finale|correcte))?(?:\s+(?:est|sont)\b|\s*:)"
    r"|\bantwort(?:\s+(?:ist|lautet)\b|\s*:)|\bantwoord(?:\s+is\b|\s*:)"
    r"|\bresposta(?:\s+(?:final|correta))?(?:\s+(?:é|são)\b|\s*:)"
    r"|\brisposta(?:\s+(?:finale|corretta))?(?:\s+è|\s*:)"
    r"|\bответ(?:ом\s+является\b|\s+(?:равен|составляет)\b|\s*[:—–-])|\bвідповідь\s*[:—–-]|\bodpowiedź(?:\s+to\b|\s*:)"
    r"|(?:الجواب|الإجابة)(?:\s+النهائي(?:ة)?)?(?:\s+(?:هو|هي)|\s*:)"
    r"|उत्तर(?:\s+है|\s*[:：]|\s+(?=[-$\\(\d*]|(?:विकल्प\s)?\(?[A-J]\)?\s))|উত্তর(?:টি)?\s*(?:হলো?|হচ্ছে|[::])|\bjibu\s+ni\b|คำตอบ(?:คือ|\s*:)|సమాధానం(?=\s*[-$\d:])|\bcevap\s*:?|\bđáp\s+án(?:\s+là|\s*:)",
    re.IGNORECASE,
)
_LETTER_CUE = re.compile(r"(?:^|\n)[ \t]*\**A\**[ \t]*[:：]\**[ \t]*([^\n]+)\s*\Z")
_REVERSED = re.compile(
    r"(?:^|[.!\n]|\boption|\bchoice)[ \t]{0,4}(?!this |that |it |which |what |here |there )([^\s.!,][^\n.!,]{0,40}?) is (?:(?:the )?(?:final |correct |right )|the )(?:answer|option|choice)\b"
    r"|(?:\b(?:option|choice) |(?:^|[.!\n,;:]|\b(?:so|thus|hence|therefore),?)\s{0,4})(\(?(?-i:[A-J])\)?) (?:is|must be|has to be) (?:correct|right)\b"
    r"|\b(?:la opción|opción|a opção|option) (\(?(?-i:[A-J])\)?) (?:es|é) (?:la|a) corre(?:c)?ta\b|\b((?-i:[A-J])) ist die richtige (?:antwort|option)\b"
    r"|(?<![A-Za-z])((?-i:[A-J]))(?:を選び|を選択し|를 선택|을 선택|를 고르|를 고릅)",
    re.IGNORECASE,
)
_HEDGED = re.compile(r"\s{0,4}(?:probably|possibly|perhaps|maybe|presumably)\b", re.IGNORECASE)
_SUPPOSES = re.compile(r"\s{0,4}(?:let|suppose|assume|consider|first|step)\b", re.IGNORECASE)


def find_cue_answer(text: str) -> Place | None:
    """What follows the last cue phrase, up to its sentence's end; a last line `A: 5` counts as one."""
    letter = _LETTER_CUE.search(text, max(0, len(text.rstrip()) - MAX_ANSWER))
    if letter is not None:
        return make_place(text, letter.start(1), letter.end(1))
    cues = list(_CUE.finditer(text))
    turned = list(_REVERSED.finditer(text, cues[-1].end() if cues else 0))
    if turned:
        group = turned[-1].lastindex or 0
        place = make_place(text, *turned[-1].span(group))
        return _add_rival(text, turned[-1].end(), place) if place is not None else None
    return _find_last_object(text, cues[-MAX_CUES:])


def _find_last_object(text: str, cues: list[re.Match[str]]) -> Place | None:
    """The answer of the last cue that announces one; with a doubt where a later cue denies it."""
    denied: list[str] = []
    spare: Place | None = None
    for cue in reversed(cues):
        place = find_object(text, cue.end())
        if place is None:
            continue
        if is_negated(place.text) or cue[0].endswith("n't") or is_not_chosen(text, cue):
            denied.append(place.text.partition(" ")[2] or place.text)
        elif is_remark(place.text):
            spare = spare or replace(place, doubt=f'it may say of the answer: "{place.text[:40]}"')
        else:
            return _settle(text, cue, place, denied)
    return spare


def _settle(text: str, cue: re.Match[str], place: Place, denied: list[str]) -> Place | None:
    if place.length > MAX_ANSWER or len(text) - place.start - place.length > MAX_AFTER:
        return None
    doubt = place.doubt
    if any(is_same_answer(place.text, other) for other in denied):
        doubt = "denied later"
    if not doubt:
        doubt = find_attribution(text, cue.start()) or find_doubt_before(text, cue.start(), changes=False)
    hedge = _HEDGED.match(text, cue.end()) or _SUPPOSES.match(place.text)
    if not doubt and hedge is not None:
        doubt = f'it is no certain answer: "{hedge[0].strip()}"'
    return _add_rival(
        text, place.start + place.length, place if doubt == place.doubt else replace(place, doubt=doubt)
    )


def _add_rival(text: str, end: int, place: Place) -> Place:
    """The answer with another value that the text gives after it."""
    later = "" if place.doubt else find_later_value(text, end, place.text)
    return replace(place, rival=later) if later else place
