"""The answer that a cue phrase announces: where it begins and ends, and whether it is one at all.

"The answer is 18, which is even" gives 18; "the answer is correct" says something of an answer, and gives
none; "the answer is not 5 but 6" gives 6. A clause after the answer must be of a known kind, else the
answer has a doubt.
"""

from __future__ import annotations

import re
from dataclasses import replace

from filters.answers.extract.clauses import find_clause
from filters.answers.extract.doubts import find_doubt_after
from filters.answers.extract.listed_answers import read_lines
from filters.answers.extract.sentences import find_sentence_end
from filters.answers.place import Place

MAX_ANSWER = 300
"""Characters after a cue that are read: a short answer is shorter."""

MAX_ENDINGS, MAX_ENDING = 3, 24
"""What is no part of an answer is dropped from its end this often, and this many characters of the end are looked at."""

_ADVERBS = (
    "is|therefore|thus|then|hence|simply|exactly|indeed|clearly|precisely|just|equal to|actually|in fact|now|definitely|(?:most )?(?:likely|probably)(?: to be)?|possibly|perhaps|maybe|presumably"
    "|donc|alors|ainsi|also|somit|daher|folglich|por (?:lo )?tanto|entonces|pues|así|portanto|então|logo|assim|следовательно|итак|таким образом|значит"
)
_SKIP = (
    rf"(?<=\n)[-•>][ \t]+(?=[A-Za-z*(])|(?<=\n)#+\s|[-=]{{2,}}(?=\s*\n)|--+(?=\s)|[—–]\s|[\s:：*#_\"“'`→⇒]|=(?!>|=)|~~[^~\n]{{0,80}}~~|</?(?:b|strong|i|em|p|u|div|span|h\d|center)>|<br ?/?>"
    rf"|,?\s?\b(?:{_ADVERBS})\b,?"
    r"|(?:as follows|the following|given (?:below|as follows)|shown below|below|如下|以下|次の通り(?:です)?|다음과 같습니다|wie folgt|la siguiente"
    r"|como sigue|la suivante|a seguinte|следующий)(?=\s*[:：.。\n])\.?|一?共有?|是|为|有"
    r"|(?:the (?:option|choice|letter) |option |choice |विकल्प |选项\s?|(?:la opción |a opção |l['’]option |la|die|a|o|el) )(?=[*$(]{0,3}(?-i:[A-J])\b(?!\s*[\w'’=+*/^-]))"
)
_LEAD = re.compile(rf"(?:{_SKIP})*+", re.IGNORECASE)
_DISPLAY = re.compile(r"\\\[(.+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)
_FENCE = re.compile(r"[\s*_:：]*```\w{0,12}[ \t]*\n\s*([^\n`]+?)\s*\n?\s*```")
_NOT_BUT = re.compile(
    r"(?:not|no|nicht|pas|não|не|不是)\s.{1,60}?(?:,\s*)?\b(?:but|sino|sondern|mais|mas|а|而是)\b(?: rather| instead)?\s*",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"(?:not|isn['’]t|never|n['’]t|no longer|incorrect|wrong|unknown|unclear|nicht|pas|não|не|नहीं)\b|不是|不对|错误",
    re.IGNORECASE,
)
_SAYS_OF_IT = re.compile(
    r"(?:(?:also|indeed|in fact|clearly|definitely|completely|absolutely|quite|fully|already|therefore|the|a|an) )*"
    r"(?:correct|right|clear|obvious|obtained|found|given|verified|confirmed|consistent|straightforward|derived|computed|calculated|determined"
    r"|based|expressed|written|reasonable|supported|as follows|below|shown|here|well[- ]known|required|following"
    r"|korrekt|richtig|klar|correct[ao]s?|clar[ao]|obtenid[ao]|correcte|claire|obtenue|corret[ao]|верный|верен|правильный|очевиден|получен)\b"
    r"|(?:正确|对的|显然|如下|唯一|合理|由|通过|根据|正しい|明らか|맞습|옳|명확|다음과|सही|स्पष्ट|निम्न)",
    re.IGNORECASE,
)
_ENDINGS = re.compile(
    r"(?<=\S)(?:\s*(?:です|である|だ|となります|になります|でした|입니다|이다|이에요|예요|이 됩니다|है|हैं|होगा|होगी)"
    r"|(?<=[A-J])[*\s]{0,3}(?:选项|项)|\s*</?[A-Za-z][A-Za-z0-9]{0,9}>|\s*\$?\\(?:blacksquare|square|Box|qed)\$?"
    r"|\s*[∎■□◻▪✓✔✅☑️\u2600-\u27bf\U0001f000-\U0001faff]{1,8})\s*\Z"
)
"""What may end an answer without being part of it: a copula, a tag, the end of a proof, an emoji."""
_SIGNED_BOLD = re.compile(r"([-−+])\*\*([^*\n]+)\*{0,2}")
_EDGES = " \t\r\n*_`\"“”'"


def find_object(text: str, start: int) -> Place | None:
    """The answer that begins at or soon after `start`, the end of a cue; None where there is none."""
    limit = min(len(text), start + 2 * MAX_ANSWER)
    fence = _FENCE.match(text, start, limit)
    if fence is not None:
        return make_place(text, fence.start(1), fence.end(1))
    lead = _LEAD.match(text, start, limit)
    begin = lead.end() if lead else start
    display = _DISPLAY.match(text, begin, limit)
    if display is not None:
        place = make_place(text, *display.span(1 if display[1] is not None else 2))
        return _add_doubt(place, find_doubt_after(text, display.end()))
    changed = _NOT_BUT.match(text, begin, limit)
    begin = changed.end() if changed else begin
    end = find_sentence_end(text, begin, limit)
    if text.startswith("$", begin) and text.startswith(".$", end):
        begin += 1  # the stop stands inside the formula
    listed, lines = read_lines(text, begin, end)
    if listed is not None:
        return listed
    place = _read_object(text, begin, end)
    return _add_doubt(place, place.doubt or lines) if place is not None else None


def is_negated(text: str) -> bool:
    """Whether what follows a cue denies an answer."""
    return _NEGATED.match(text) is not None


def is_remark(text: str) -> bool:
    """Whether what follows a cue says something of the answer ("correct", "obtained by") instead of giving it."""
    return _SAYS_OF_IT.match(text) is not None


def _read_object(text: str, begin: int, end: int) -> Place | None:
    cut, clause = find_clause(text, begin, end)
    place = make_place(text, begin, cut)
    if place is None:
        return None
    return _add_doubt(_drop_endings(text, place), clause or find_doubt_after(text, cut))


def _drop_endings(text: str, place: Place) -> Place | None:
    """The answer without a copula, tag or emoji at its end, and without the bold type inside it."""
    for _ in range(MAX_ENDINGS):
        ending = _ENDINGS.search(place.text, max(0, place.length - MAX_ENDING))
        shorter = make_place(text, place.start, place.start + ending.start()) if ending else None
        if shorter is None:
            break
        place = shorter
    signed = _SIGNED_BOLD.fullmatch(place.text)
    if signed is not None:
        return replace(place, text=signed[1] + signed[2])
    if text.startswith("**", place.start - 2) and place.start > 1 and place.text.count("**") == 1:
        return replace(place, text=place.text.replace("**", ""))
    return place


def make_place(text: str, begin: int, end: int) -> Place | None:
    """The characters from `begin` to `end` without markup at their edges; None where nothing is left."""
    raw = text[begin:end]
    stripped = raw.strip(_EDGES)
    if not stripped:
        return None
    return Place(stripped, begin + raw.index(stripped), len(stripped))


def _add_doubt(place: Place | None, doubt: str) -> Place | None:
    return Place(place.text, place.start, place.length, place.how, doubt) if place is not None else None
