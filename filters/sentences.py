"""Where sentences end: one answer for every check that asks what stands in the same sentence.

A full stop also stands in decimals, abbreviations, initials, addresses, versions, list markers and ellipses, so
that cutting at each of them makes "06 g/mol" of "35.06 g/mol". The rules look at the mark, the word before it and
the word after it, and nowhere else: adding text never changes what was decided before it, and hostile text costs
no more than its length. A line break ends a sentence, since models do not wrap their lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from filters.abbreviations import KINDS, LABELS, LONGEST, OPENERS, ORDINAL_NOUNS, PAIRS, Kind

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Japanese and Chinese letters: no blank need stand between a stop and the next of them."""
_WIDE = "。！？｡।॥؟۔։።။។．"
"""Stops of other scripts, which mean nothing else; the last also stands in wide decimals."""
_CLOSE = "(?:[\"'”“’»›)\\]}*_`$」』）】》〉］]|[ \u00a0\u202f]»|\\\\[)\\]]){0,6}+"
_MARKS = re.compile(
    rf"\n|(?<![.!?…‥])(?P<run>[.!?…‥]++){_CLOSE}(?=\s|\Z|(?P<joined>[{_UNSPACED}]))|(?<![{_WIDE}])[{_WIDE}]++[\"”’»)）\]」』】》〉］]{{0,6}}+"
)
_AFTER = re.compile(
    r"[^\S\n]*+(?P<opening>\\[(\[]|[\"'“”‘’„«‹(\[{*_`$¿¡「『（【《〈#]{0,6}+)(?P<word>\w{0,24}+)(?P<dot>\.?)"
)
_BEFORE = re.compile(r"[^\s()\[\]{}<>\"“”„«»‘*_`$,:;/|=+~（）。，：；]*\Z")
_MARKER = re.compile(
    r"[\s*_#>(（\[•·–—-]*+(?:\d{1,3}|[^\W\d_]|[ivx]{2,5}|[IVX]{2,5}|[^\W\d_]{4,6} \d{1,3})\Z"
)
"""What a line or sentence may begin with before its first stop, and be a marker: `1`, `(a)`, `- iv`, `Step 3`."""
_MARKER_LENGTH = 24
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.){1,6}[^\W\d_]{1,2}")
_UNVOICED = re.compile(r"[bcdfghj-np-tvwxz]{2,4}", re.IGNORECASE)
"""Letters without a vowel: an abbreviation, where a sentence goes on in lower case."""
_SOUNDS = frozenset(("hm", "hmm", "mm", "mmm", "shh", "psst", "tsk", "brr"))
_QUOTED = frozenset("\"'”“’»›)]」』）】》〉］")
_DELIMITERS = ("\\left", "\\right")
"""LaTeX writes `\\right.` for a bracket that is not there."""
_FORMULA = frozenset("$\\")
_OPERATORS = frozenset("+=<>×÷·/^,;:%|&≤≥≠≈→⇒)]}")
_PARTICLES = frozenset("とってのをがはにもだで、，")
"""After a closed quotation they go on with the sentence that holds it."""
_NAMED_BY = frozenset(
    ("by", "von", "par", "por", "da", "di", "de", "professor", "author", "and", "und", "et", "y", "и")
)
_LOCAL = 400
"""Characters before a place in which its sentence is looked for, where only that sentence is asked for."""


class Stop(NamedTuple):
    """A mark that may end a sentence.

    begin, end: the half-open range of the mark, with the quotation marks and brackets that it closes. ends: whether
    the sentence ends there. sure: whether no abbreviation, list marker, ellipsis or small letter made it a guess.
    """

    begin: int
    end: int
    ends: bool
    sure: bool


def find_stops(text: str, begin: int = 0) -> Iterator[Stop]:
    """All marks of a text that may end a sentence, in their order; line breaks too, where a sentence is open.

    begin: where to begin to look; a line or sentence should begin there.
    """
    start = begin
    for mark in _MARKS.finditer(text, begin):
        at, past = mark.span()
        if text[at] == "\n":
            if text[start:at].strip():
                yield Stop(at, past, True, True)
            start = past
            continue
        ends, sure = _judge_mark(text, start, mark)
        yield Stop(at, past, ends, sure)
        if ends:
            start = past


def find_sentence_ends(text: str) -> list[int]:
    """Where sentences end: after their stop and what it closes, or at their line's end. The text's end is not listed."""
    ends = (stop.begin if text[stop.begin] == "\n" else stop.end for stop in find_stops(text) if stop.ends)
    return [end for end in ends if end < len(text)]


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, each with the blanks that follow it: joined they are the text again."""
    begins = [0]
    for end in find_sentence_ends(text):
        begin = _skip_blanks(text, end)
        if begins[-1] < begin < len(text):
            begins.append(begin)
    return [text[one:two] for one, two in zip(begins, [*begins[1:], len(text)], strict=True)]


def find_sentence_begin(text: str, place: int) -> int:
    """Where the sentence begins in which a place stands, or at most `_LOCAL` characters before the place."""
    begin = _line_begin(text, place)
    for stop in find_stops(text, begin):
        if stop.end > place:
            break
        if stop.ends:
            begin = stop.end
    return min(_skip_blanks(text, begin), place)


def ends_sentence(text: str, place: int) -> bool:
    """Whether the mark at a place ends a sentence; False where there is none."""
    for stop in find_stops(text, _line_begin(text, place)):
        if stop.begin <= place < stop.end:
            return stop.ends
        if stop.begin > place:
            break
    return False


class SentenceBegins:
    """The places of a text at which a sentence begins, for texts of which many places are asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [0, *find_sentence_ends(text)]

    def __contains__(self, place: int) -> bool:
        """Whether only blanks and signs stand between a place and the end of the sentence before it."""
        end = self._ends[bisect_right(self._ends, place) - 1]
        return place - end <= _MARKER_LENGTH and not self._text[end:place].strip(
            " \t\r\n\u3000*_#>\"'“”‘’«»()[]-"
        )


def _line_begin(text: str, place: int) -> int:
    return text.rfind("\n", max(0, place - _LOCAL), place) + 1 or max(0, place - _LOCAL)


_BLANKS = re.compile(r"\s*+")


def _skip_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    assert found is not None, "nothing is a blank, too"
    return found.end()


def _judge_mark(text: str, start: int, mark: re.Match[str]) -> tuple[bool, bool]:
    """Whether a mark ends the sentence that begins at `start`, and whether that is sure."""
    at, past = mark.span()
    run, closed = mark["run"], not _QUOTED.isdisjoint(text[at:past])
    after = _AFTER.match(text, past)
    assert after is not None, "each part of it may be empty"
    if run is None:
        return _judge_wide(text, at, past, closed)
    rest = text[after.end("word") : after.end("word") + 1]
    sign = (after["opening"] or rest)[:1]
    tag = sign == "<" and text[after.end("word") + 1 : after.end("word") + 2].strip() not in ("", "=")
    if not after["word"] and not tag and (sign in _OPERATORS or (sign == "*" and not rest.strip())):
        return False, False
    if run == ".":
        return _judge_full_stop(text, start, at, after, closed and not mark["joined"])
    small = _is_small(after)
    if "!" not in run and "?" not in run:
        over = not (small or mark["joined"] or after["word"][:1].isdigit())
        return over, over and not after["word"]
    goes_on = small or bool(mark["joined"]) or after["word"][:1].isdigit()
    if (goes_on and run in ("!", "!!") and _is_factorial(text, at)) or (small and closed):
        return False, False
    return True, True


def _judge_wide(text: str, at: int, past: int, closed: bool) -> tuple[bool, bool]:
    """Stops of other scripts end sentences, but in a wide decimal and in a quotation that the sentence goes on after."""
    following = text[past : past + 1]
    if text[at] == "．" and text[at - 1 : at].isdigit() and following.isdigit():
        return False, True
    goes_on = following in _OPERATORS or (closed and following in _PARTICLES)
    return (False, False) if goes_on else (True, True)


def _judge_full_stop(text: str, start: int, at: int, after: re.Match[str], closed: bool) -> tuple[bool, bool]:
    found = _BEFORE.search(text, max(start, at - LONGEST), at)
    word, following = found[0] if found else "", after["word"]
    if word in _DELIMITERS:
        return False, True
    marker = at - start <= _MARKER_LENGTH and _MARKER.match(text, start, at) is not None
    kind = _find_kind(text, at, word, after)
    if (
        not following
        and not after["opening"]
        and text[after.end("word") : after.end("word") + 1] in ("", "\n")
    ):
        return True, not marker and kind is None
    if marker and not text[max(0, start - _MARKER_LENGTH) : start].rstrip(" ").endswith("?"):
        return False, False
    small = _is_small(after)
    if kind is not None:
        return _follows_abbreviation(kind, after, small), False
    if len(word) == 1 and word.isupper():
        return not _is_initial(text, start, at, after, small), False
    if word.isdigit() and (
        (len(word) <= 2 and following.lower() in ORDINAL_NOUNS)
        or (small and text[max(0, at - len(word) - 2) : at - len(word)] == ": ")
    ):
        return False, False
    short = _UNVOICED.fullmatch(word) is not None and word.lower() not in _SOUNDS
    lone = len(word) == 1 and following.lower() not in OPENERS
    return (False, False) if small and (closed or short or lone) else (True, True)


def _find_kind(text: str, at: int, word: str, after: re.Match[str]) -> Kind | None:
    """The kind of the abbreviation that a word before a stop is, or is the beginning or the end of."""
    low = word.strip("-–—¿¡'’").lower()
    if after["dot"] and f"{low}.{after['word'].lower()}" in PAIRS:
        return "opens"
    place = at - len(word)
    if text[max(0, place - 2) : place] in (". ", ".\u00a0"):
        before = _BEFORE.search(text, max(0, place - LONGEST), place - 2)
        pair = PAIRS.get(f"{before[0].lower()}.{low}") if before else None
        if pair is not None:
            return pair
    digits = after["word"][:1].isdigit()
    if low == "no":  # "wait, no. 1 m is 100 cm" has the word
        return "numbered" if digits and text[max(0, place - 2) : place] != ", " else None
    plain = len(word) == 1 and not digits
    kind = KINDS.get(word) if plain and word.isupper() else KINDS.get(word) or KINDS.get(low)
    if plain and kind == "numbered":
        return None
    if kind is None and "-" in low:
        kind = KINDS.get(low.rpartition("-")[2])
    return "either" if kind is None and _DOTTED.fullmatch(low) else kind


def _follows_abbreviation(kind: Kind, after: re.Match[str], small: bool) -> bool:
    """Whether the stop of an abbreviation, before something else in its line, ends the sentence too."""
    word = after["word"]
    if kind == "opens" or word[:1].isdigit():
        return False
    opener = word.lower() in OPENERS and not after["dot"]
    if kind == "either":
        return opener and not small
    if kind == "numbered":
        roman = word.isupper() and set(word) <= set("IVXLC")
        return not roman and not small
    return not small


def _is_initial(text: str, start: int, at: int, after: re.Match[str], small: bool) -> bool:
    """Whether a capital letter before a stop is somebody's initial: what stands beside it must be a name."""
    following = after["word"]
    if following.lower() in OPENERS and not after["dot"]:
        return False
    if small:
        return True
    if not following[:1].isupper():
        return False
    before = text[max(start, at - 1 - LONGEST) : at - 1].rstrip()
    found = _BEFORE.search(before.rstrip("."))
    word = found[0] if found else ""
    if before.endswith("."):
        return True  # that of another initial or a title, or the sentence would begin after it
    return word.lower() in _NAMED_BY or (word[:1].isupper() and word.lower() not in LABELS)


def _is_small(after: re.Match[str]) -> bool:
    """Whether what follows begins with a small letter that is not the beginning of a formula."""
    return after["word"][:1].islower() and _FORMULA.isdisjoint(after["opening"])


def _is_factorial(text: str, at: int) -> bool:
    """Whether an exclamation mark may be a factorial: after a number, a bracket or a lone letter, with a blank or none."""
    last = at - 2 if text[at - 1 : at] == " " else at - 1
    before = text[max(0, last) : last + 1]
    alone = before.isalpha() and not text[max(0, last - 1) : max(0, last)].isalpha()
    return before.isdigit() or before in (")", "}", "$") or alone
