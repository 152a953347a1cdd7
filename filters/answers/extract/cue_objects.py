"""The answer that a cue phrase announces: where it begins and ends, and whether it is one at all.

"The answer is 18, which is even" gives 18; "the answer is correct" says something of an answer, and gives
none; "the answer is not 5 but 6" gives 6. A clause after the answer must be of a known kind, else the
answer has a doubt.
"""

from __future__ import annotations

import re

from filters.answers.extract.doubts import find_doubt_after
from filters.answers.extract.sentences import find_sentence_end
from filters.answers.place import Place

MAX_ANSWER = 300
"""Characters after a cue that are read: a short answer is shorter."""

_ADVERBS = "is|therefore|thus|then|hence|simply|exactly|indeed|clearly|precisely|just|equal to|actually|in fact|now|definitely|(?:most )?(?:likely|probably)(?: to be)?"
_SKIP = (
    rf"(?<=\n)[-•]\s+(?=[A-Za-z*(])|[\s:：=*#_>\"“'`→⇒]|~~[^~\n]{{0,80}}~~|</?(?:b|strong|i|em|p|u|div|span|h\d|center)>|<br ?/?>|\b(?:{_ADVERBS})\b,?"
    r"|(?:as follows|the following|given (?:below|as follows)|shown below|below|如下|以下|次の通り(?:です)?|다음과 같습니다|wie folgt|la siguiente"
    r"|como sigue|la suivante|a seguinte|следующий)(?=\s*[:：.。\n])\.?|一?共有?|是|为|有"
)
_LEAD = re.compile(rf"(?:{_SKIP}|-(?!\s?[\d.$\\(a-zA-Z]))*+", re.IGNORECASE)
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
_KNOWN = (
    r"which|who|whose|where|since|because|as|so|thus|hence|therefore|and (?:we|I|this|that|it|the|so|thus|hence|not|is|are|he|she|they|you|also|then)"
    r"|not|no|in|after|assuming|given|with|when|while|using|from|for|rounded|obtained|found|by|meaning|i\.e\.?|namely|that is|but|making|giving"
    r"|leaving|corresponding|respectively|matching|confirming|verifying|achieved|attained|at|to|on|under|provided|considering|based|just|exactly|if"
    r"|see|per|because|approximately|about|note|noting|indeed|correct|only|all|each|every|total|altogether"
    r"|porque|ya que|pues|lo que|es decir|no|donde|así que|car|puisque|parce que|ce qui|soit|donc|non|où|weil|da|denn|also|was|wobei|nicht|d\.h\.?"
    r"|pois|já que|o que|ou seja|onde|não|portanto|так как|потому что|что|поскольку|где|то есть|а не|не|क्योंकि|जो"
)
_CUT = re.compile(
    rf"\s*,\s+(?:(?=(?P<known>(?:{_KNOWN})\b))|(?P<word>(?=[^\W\d_]{{3,}}\b)))"
    r"|\s*，\s*(?=(?P<wide>[^\W\d_]))"
    r"|\s*;\s+(?=(?P<semi>[^\W\d_]{2,}))"
    r"|\s+[-–—]+\s+(?=(?P<dash>[^\W\d_]{2,}|I |a ))|—(?=(?P<long>[^\W\d_]{2,}))"
    r"|\s*[(（](?=(?P<bracket>(?:[^\W\d_]{2,}|i\.e|e\.g|=|≈)[^()]*))"
    r"|\s+(?=(?P<why>(?:because|since|as (?:required|desired|expected|claimed|shown|we|the|above)|porque|weil|car|parce que|puisque|per?ché|rather than|instead of|rounded|when rounded"
    r"|after rounding|to the nearest|to (?:two|three|\d) decimal|так как|потому что|क्योंकि)\b))",
    re.IGNORECASE,
)
_PLAIN_HEAD = re.compile(
    r"[^A-Za-z\u00c0-\u1fff\u3040-\uffef]*(?:[A-Za-z](?![A-Za-z])[^A-Za-z\u00c0-\u1fff\u3040-\uffef]*)*"
)
_LETTERED = re.compile(r"[\s$*(]*[A-J](?:[).:,$*]|\Z)")
"""An option's letter: what follows may be its content."""
_FORMULA_WORDS = re.compile(r"\\[A-Za-z]+")
_COPULAS = re.compile(
    r"(?<=\S)\s*(?:です|である|だ|となります|になります|でした|입니다|이다|이에요|예요|이 됩니다|है|हैं|होगा|होगी)\s*\Z"
)
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
    return _read_object(text, begin, end)


def is_negated(text: str) -> bool:
    """Whether what follows a cue denies an answer."""
    return _NEGATED.match(text) is not None


def is_remark(text: str) -> bool:
    """Whether what follows a cue says something of the answer ("correct", "obtained by") instead of giving it."""
    return _SAYS_OF_IT.match(text) is not None


def _read_object(text: str, begin: int, end: int) -> Place | None:
    cut, clause = _find_clause(text, begin, end)
    place = make_place(text, begin, cut)
    if place is None:
        return None
    ending = _COPULAS.search(place.text)
    if ending is not None:
        place = make_place(text, place.start, place.start + ending.start())
    doubt = clause or find_doubt_after(text, cut)
    return _add_doubt(place, doubt)


def _find_clause(text: str, begin: int, end: int) -> tuple[int, str]:
    """Where a clause after the answer begins, at the end where there is none; and a doubt where it is of no known kind."""
    for cut in _CUT.finditer(text, begin, end):
        if cut.start() == begin:
            continue
        formula = _is_formula(text[begin : cut.start()])
        kind = cut.lastgroup
        if kind in ("known", "why"):
            if (
                kind == "known"
                and not formula
                and cut["known"].casefold() in ("in", "or", "and the", "no", "a", "on", "to", "at")
            ):
                continue
            return cut.start(), ""
        if not formula or _LETTERED.match(text, begin, cut.start()):
            continue
        unknown = kind in ("word", "wide") and not _is_known_wide(cut[kind], text[cut.end() : end])
        return cut.start(), f'after it: "{" ".join(text[cut.start() : end].split())[:40]}"' if unknown else ""
    return end, ""


_WIDE_KNOWN = re.compile(
    r"(?:而不是|不是|因为|所以|因此|即|其中|由于|也就是|满足|符合|经|这|故|此时|共|一共|なぜなら|つまり|すなわち|よって|왜냐|즉|따라서)"
)


def _is_known_wide(first: str, clause: str) -> bool:
    return _WIDE_KNOWN.match(clause) is not None or first == "known"


def _is_formula(head: str) -> bool:
    """Whether the answer so far is a number, a letter or mathematics, not words."""
    plain = _FORMULA_WORDS.sub("", head)
    return (
        _PLAIN_HEAD.fullmatch(plain) is not None
        or plain.count("$") >= 2
        or re.search(r"\d", plain) is not None
    )


def make_place(text: str, begin: int, end: int) -> Place | None:
    """The characters from `begin` to `end` without markup at their edges; None where nothing is left."""
    raw = text[begin:end]
    stripped = raw.strip(_EDGES)
    if not stripped:
        return None
    return Place(stripped, begin + raw.index(stripped), len(stripped))


def _add_doubt(place: Place | None, doubt: str) -> Place | None:
    return Place(place.text, place.start, place.length, place.how, doubt) if place is not None else None
