"""Final answers that a cue phrase announces, in many languages: "the answer is", "#### 5", "答案是".

Every pattern is anchored on a literal and reads forward once, so that a hostile text costs no more than
its length.
"""

from __future__ import annotations

import re
from dataclasses import replace

from filters.answers.extract.cue_objects import MAX_ANSWER, find_object, is_negated, is_remark, make_place
from filters.answers.extract.doubts import find_doubt_before
from filters.answers.extract.same_answer import is_same_answer
from filters.answers.place import Place

MAX_AFTER = 800
"""Characters that may follow a cue's answer: after more, the text has moved on."""
MAX_CUES = 40
"""Cue phrases that are looked at, the last ones first."""

_CUE = re.compile(
    r"\b(?:answer|option|choice)\b\*{0,2}(?: \([^()\n]{1,40}\))?(?:\s{1,4}to\s{1,4}(?:the|this)\s{1,4}\w{1,20})?(?:\s{1,4}(?:here|then|thus|therefore|hence|now))?"
    r"(?:\s{1,4}(?:is|would\s{1,4}be|must\s{1,4}be|should\s{1,4}be|equals|are|comes\s{1,4}(?:out\s{1,4})?to|(?:seems|appears)\s{1,4}to\s{1,4}be|isn['’]t)\b"
    r"|\s{0,4}(?:[:：=→⇒]|->|=>))"
    r"|(?:^|\n)[#* ]{0,8}(?:final )?answer[*:： ]{0,4}(?=\n)|\bans\b\.?\s{0,2}[:：=]"
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
    r"|उत्तर(?:\s+है|\s*[:：]|\s+(?=[-$\\(\d*]))|উত্তর(?:টি)?\s*(?:হলো?|হচ্ছে|[::])|\bjibu\s+ni\b|คำตอบ(?:คือ|\s*:)|సమాధానం(?=\s*[-$\d:])|\bcevap\s*:?|\bđáp\s+án(?:\s+là|\s*:)",
    re.IGNORECASE,
)
_LETTER_CUE = re.compile(r"(?:^|\n)[ \t]*\**A\**[ \t]*[:：]\**[ \t]*([^\n]+)\s*\Z")
_REVERSED = re.compile(
    r"(?:^|[.!\n]|\boption|\bchoice)[ \t]{0,4}(?!this |that |it |which |what |here |there )([^\s.!,][^\n.!,]{0,40}?) is (?:(?:the )?(?:final |correct |right )|the )(?:answer|option|choice)\b"
    r"|\b(?:option|choice) (\(?[A-J]\)?) is (?:correct|right)\b",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"\b(?:initial|previous|first|earlier|old|wrong|incorrect|naive|other|[a-z]{2,12}['’]s)\s\Z",
    re.IGNORECASE,
)


def find_cue_answer(text: str) -> Place | None:
    """What follows the last cue phrase, up to its sentence's end; a last line `A: 5` counts as one."""
    letter = _LETTER_CUE.search(text, max(0, len(text.rstrip()) - MAX_ANSWER))
    if letter is not None:
        return make_place(text, letter.start(1), letter.end(1))
    cues = list(_CUE.finditer(text))
    turned = list(_REVERSED.finditer(text, cues[-1].end() if cues else 0))
    if turned:
        group = turned[-1].lastindex or 0
        return make_place(text, *turned[-1].span(group))
    return _find_last_object(text, cues[-MAX_CUES:])


def _find_last_object(text: str, cues: list[re.Match[str]]) -> Place | None:
    """The answer of the last cue that announces one; with a doubt where a later cue denies it."""
    denied: list[str] = []
    spare: Place | None = None
    for cue in reversed(cues):
        place = find_object(text, cue.end())
        if place is None:
            continue
        if is_negated(place.text) or cue[0].endswith("n't"):
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
        former = _FORMER.search(text, max(0, cue.start() - 24), cue.start())
        doubt = (
            f'before it: "{former[0].strip()}"'
            if former
            else find_doubt_before(text, cue.start(), changes=False)
        )
    return place if doubt == place.doubt else replace(place, doubt=doubt)
