"""Whether the copies of a near-loop say anything new: what tells an enumeration from a loop.

The words that every copy has are its frame; what stands between them and is not the same each time are its
columns. An enumeration has a column that goes on (numbers that rise, the first, the second, a, b, c), columns of
numbers that are computed from each other, or ever new words. A loop has none, or counts its own copies: labels
(`12.`, `Attempt 12:`, `for the 12th time`) are blanked before anything is compared.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from operator import sub
from statistics import median
from typing import Any

from filters.repeats.series import FILLERS, HEDGES, RANKS

_TOKEN = re.compile(
    r"(?:(?<![\w)\]}])[-−])?\d{1,30}(?:\.\d{1,30})?|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]{1,40}|[^\w\s]|_"
)
_DIGITS = re.compile(r"\d{1,30}(?:\.\d{1,30})?")
_NUMERALS = "一二三四五六七八九十百"
_LABEL = re.compile(
    r"(?:\A|\n|[.!?] )[ \t#*>(\[（-]{0,6}"
    r"(?:(?:(?:[Ss]tep|[Aa]ttempt|[Cc]heck|[Tt]ry|[Ii]teration|[Rr]ound|[Pp]ass|[Ee]dit|[Nn]ote|[Tt]ime|[Vv]ersion|[Rr]eview|[Ll]oop"
    r"|[Vv]erification|[Rr]evision|[Pp]aso|[Ii]ntento|[ÉéEe]tape|[Ee]ssai|[Ss]chritt|[Vv]ersuch|[Pp]asso|[Tt]entativ[ao]"
    r"|[Шш]аг|[Пп]опытка|[Пп]роверка|步骤|尝试|检查)[ \t]?)(?:#|[Nn]o\. )?\d{1,6}\b"
    r"|\d{1,6}(?=[.):）][*\s]{1,4}\w|[.):）]{1,2}\*{0,2}$)|[" + _NUMERALS + r"]{1,3}(?=[）)、]))"
)
_TIMES = re.compile(r"\b\d{1,6}(?:st|nd|rd|th|ª|\.)?(?= (?:time|attempt|vez|fois|[Mm]al|раз|volta)\b)")
_TIMES_ZH = re.compile(r"(?<=第)(?:\d{1,6}|[" + _NUMERALS + r"]{1,3})(?=[次遍步回])")
"""What only numbers the copies: at the beginning of a line or sentence, or as so many times."""
_RELATION = re.compile(r"[=<>≡≤≥≠≈×∣∤+÷/^√]|\\(?:equiv|times|cdot|frac|le|ge|mid|neq|approx)")
MAX_COUNTED, MAX_CASES = 100, 200
"""Enumerations in which one thing changes, a number that counts or anything: with more copies than these, loops."""
_COMMON, _SAME, _VARIED = 0.75, 0.75, 0.8
"""A word of the frame stands once in this share of the copies; a column's commonest value in at most that share;
and this share of the copies must be different from all others."""
_SHORT, _ENOUGH = 300, 10
"""Characters of a copy of which each number counts for much; and how many such copies are enough to tell."""
_FEW, _LEAST = 5, 3
"""Fewer numbers than these rise by chance; and of fewer copies than these nothing can be said."""
_WORDS_A_COLUMN = 40
"""A copy with more words than these for each of its columns says little new."""
_NEW_WORDS = 1.5
"""New words a copy, on average of the later half, from which on the words alone show progress."""
_Column = tuple[object, ...]
_Place = tuple[str, int]


def blank_labels(text: str) -> str:
    """The text with blanks for the numbers that only number its copies: as long as before."""
    text = _TIMES.sub(_blank, _LABEL.sub(_blank, text))
    return _TIMES_ZH.sub(_blank, text) if "第" in text else text


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"\w", " ", match[0])


def has_progress(before: str, copies: Sequence[str], total: int) -> bool:
    """Whether the copies of a block, one after the other, each say something new.

    before: what stands before the first, so that a label there is seen. total: how many there are, if not all are read.
    """
    blocks = copies
    begin = before + "".join(copies[:2])
    if begin != blank_labels(begin):
        text = blank_labels(before + "".join(copies))
        blocks = [text[a:b] for a, b in pairwise(accumulate(map(len, copies), initial=len(before)))]
    if _computes(blocks, total):
        return True
    rows = _keep_usual([_TOKEN.findall(block.lower()) for block in blocks])
    columns, whole = _list_columns(rows)
    hedged = sum(not HEDGES.isdisjoint(row) for row in rows) >= len(rows) / 2
    if whole < _LEAST:  # the same words, but in no order that most have
        return not hedged
    if len(columns) * _WORDS_A_COLUMN < sum(map(len, rows)) / len(rows):
        return False
    numbers = {_describe_steps(column) for column in columns if _is_numeric(column)}
    words = {column for column in columns if not _is_numeric(column)}
    apart = len(numbers) + len(words)
    if _goes_on(columns, apart, hedged):
        return apart > 1 or total <= (MAX_COUNTED if _is_counter(columns[0]) else MAX_CASES)
    if len(set(zip(*columns, strict=True))) < _VARIED * whole:
        return False
    related = _RELATION.search(blocks[len(blocks) // 2]) is not None
    if apart > 1 and (related or not hedged):
        return True
    if not hedged and any(len(set(column)) >= 0.9 * len(column) for column in columns):
        return total <= MAX_CASES
    return _count_new_words(rows, 1.0 if related else 0.5) >= _NEW_WORDS


def _keep_usual(rows: list[list[str]]) -> list[list[str]]:
    """The copies of usual length: where a word is missing, what is cut there is two copies or half a one."""
    usual = median(map(len, rows))
    kept = [row for row in rows if 0.6 * usual <= len(row) <= 1.6 * usual]
    return kept if len(kept) >= _LEAST else rows


def _computes(blocks: Sequence[str], total: int) -> bool:
    """Whether in short copies a number goes on: most tables, seen without their words."""
    if len(blocks) < _FEW or len(blocks[0]) > _SHORT:
        return False
    rows = [_DIGITS.findall(block) for block in blocks[:_ENOUGH]]
    if len(set(map(len, rows))) > 1:
        return False
    seen, goes_on = set(), False
    for column in zip(*rows, strict=True):
        if max(map(column.count, set(column))) <= _SAME * len(column):
            values = list(map(float, column))
            steps = tuple(map(sub, values[1:], values))
            seen.add(steps)
            goes_on = goes_on or min(steps) > 0 or max(steps) < 0 or _is_sorted(values)
    return goes_on and (len(seen) > 1 or (total <= MAX_COUNTED and len(blocks[0]) <= _SHORT / 2))


def _find_frame(rows: Sequence[Sequence[str]], placed: Sequence[Sequence[_Place]]) -> list[_Place]:
    """The words that stand as often in most copies, each with which of its places it is, in the order of the copy
    that has most of them.
    """
    times: Counter[_Place] = Counter()
    for row in rows:
        times.update(Counter(row).items())
    least = _COMMON * len(rows)
    usual = {
        word: often for (word, often), copies in times.items() if copies >= least and not _is_number(word)
    }
    frames = [[place for place in row if place[1] <= usual.get(place[0], 0)] for row in placed]
    return max(frames, key=len)


def _number_words(row: Sequence[str]) -> list[_Place]:
    """Each word with how often it has stood so far: `the` 1, `sum` 1, `of` 1, `the` 2, …"""
    seen: dict[str, int] = {}
    placed = []
    for word in row:
        seen[word] = often = seen.get(word, 0) + 1
        placed.append((word, often))
    return placed


def _list_columns(rows: Sequence[Sequence[str]]) -> tuple[list[_Column], int]:
    """What varies between the words of the frame, a value for each whole copy; and the number of these."""
    placed = list(map(_number_words, rows))
    order = {word: place for place, word in enumerate(_find_frame(rows, placed))}
    cut = [
        _cut_at_frame(row, [order.get(word, -1) for word in words])
        for row, words in zip(rows, placed, strict=True)
    ]
    whole = [gaps for gaps in cut if len(gaps) >= 0.6 * (len(order) + 1)]
    columns: list[_Column] = []
    for place in range(-1, len(order)):
        values = [gaps.get(place, ()) for gaps in whole]
        if len(set(values)) > 1:
            columns += _split_gap(values)
    return columns, len(whole)


def _cut_at_frame(row: Sequence[str], places: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The words after each word of the frame (-1: before the first), by its place in the frame."""
    cuts = [-1, *_find_rising(places), len(row)]
    return {places[a] if a >= 0 else -1: tuple(row[a + 1 : b]) for a, b in pairwise(cuts)}


def _find_rising(places: Sequence[int]) -> list[int]:
    """Where the longest rising part of the places stands, those under 0 left out."""
    tops: list[int] = []  # the least last place of a rising part of each length
    ends: list[int] = []  # where it stands
    before: dict[int, int] = {}
    for at, place in enumerate(places):
        if place >= 0:
            length = bisect_left(tops, place)
            before[at] = ends[length - 1] if length else -1
            if length == len(tops):
                tops.append(place)
                ends.append(at)
            else:
                tops[length], ends[length] = place, at
    at, kept = (ends[-1] if ends else -1), []
    while at >= 0:
        kept.append(at)
        at = before[at]
    return kept[::-1]


def _split_gap(values: Sequence[tuple[str, ...]]) -> list[_Column]:
    """The columns of one gap: each of its numbers where the words around them are the same, and the words."""
    shapes = [tuple("0" if _is_number(word) else word for word in value) for value in values]
    found: list[_Column]
    shape, times = Counter(shapes).most_common(1)[0]
    if times >= _COMMON * len(values):
        places = (place for place, word in enumerate(shape) if word == "0")
        same = list(zip(values, shapes, strict=True))
        found = [tuple(_read(value[n]) if mine == shape else None for value, mine in same) for n in places]
    else:
        numbers = [[_read(word) for word in value if _is_number(word)] for value in values]
        width = Counter(map(len, numbers)).most_common(1)[0][0]
        found = [tuple(row[n] if len(row) == width else None for row in numbers) for n in range(width)]
        found.append(_take_special(values))
    return [column for column in found if _varies(column) and not _is_filler(column)]


def _take_special(values: Sequence[tuple[str, ...]]) -> _Column:
    """Of each value the words that not nearly all have; all of them where only their order differs."""
    words = [tuple(word for word in value if not _is_number(word)) for value in values]
    times = Counter(word for value in words for word in set(value))
    common = {word for word, number in times.items() if number >= _COMMON * len(values)}
    special = tuple(tuple(word for word in value if word not in common) for value in words)
    return special if any(special) else tuple(words)


def _varies(column: _Column) -> bool:
    return max(Counter(column).values()) <= _SAME * len(column)


def _is_number(word: str) -> bool:
    return word[-1].isdecimal()


def _read(number: str) -> float:
    return float(number.replace("−", "-"))


def _is_filler(column: _Column) -> bool:
    """Whether all of its values are words that say nothing."""
    words = {word for value in column if isinstance(value, tuple) for word in value}
    return not _is_numeric(column) and all(
        word in FILLERS or word.endswith("ly") or not word.isalnum() for word in words
    )


def _is_numeric(column: _Column) -> bool:
    return any(isinstance(value, float) for value in column)


def _describe_steps(column: _Column) -> _Column:
    """Equal for columns that only differ by a constant: n and n - 1 are one thing that goes on."""
    values = [value for value in column if isinstance(value, float)]
    return tuple(round(b - a, 6) for a, b in pairwise(values)) if values else column


def _is_counter(column: _Column) -> bool:
    return _is_numeric(column) and len(set(_describe_steps(column))) == 1


def _goes_on(columns: Sequence[_Column], apart: int, hedged: bool) -> bool:
    """Whether a column only rises or only falls, or the rows do as in a dictionary.

    apart: how many columns there are that differ; if only one, a few numbers of one who guesses rise by chance.
    """
    for column in columns:
        ranks = list(_list_ranks(column))
        few = hedged and apart == 1 and len(column) < _FEW and _is_numeric(column) and not _is_counter(column)
        if not few and any(map(_is_sorted, ranks)):
            return True
    orders = [column if _is_numeric(column) else _rank_by_first(column) for column in columns]
    whole = [row for row in zip(*orders, strict=True) if None not in row]
    return len(columns) > 1 and len(whole) >= _FEW and _is_sorted(whole)


def _list_ranks(column: _Column) -> Iterator[Sequence[float]]:
    """Its numbers, or the places of its words in each known series that all its values have a word of."""
    if _is_numeric(column):
        values = [value for value in column if isinstance(value, float)]
        yield values if len(values) >= _COMMON * len(column) else []
        return
    found = [[RANKS[word] for word in value if word in RANKS] for value in column if isinstance(value, tuple)]
    for series in set.intersection(*({number for word in ranks for number in word} for ranks in found)):
        yield [next(word[series] for word in ranks if series in word) for ranks in found]


def _rank_by_first(column: _Column) -> list[float]:
    order = {value: float(place) for place, value in enumerate(dict.fromkeys(column))}
    return [order[value] for value in column]


def _is_sorted(values: Sequence[Any]) -> bool:
    """Whether nine in ten steps go the same way."""
    steps = list(pairwise(values))
    rising, falling = sum(b > a for a, b in steps), sum(b < a for a, b in steps)
    return bool(steps) and max(rising, falling) >= 0.9 * len(steps)


def _count_new_words(rows: Sequence[Sequence[str]], number: float) -> float:
    """Words of a copy that stood in none before it, on average of the later half; a number counts as given."""
    seen: set[str] = set()
    news: list[float] = []
    for row in rows:
        new = set(row) - seen - FILLERS
        seen.update(row)
        news.append(sum(number if _is_number(word) else not word.endswith("ly") for word in new))
    late = news[max(1, len(news) // 2) :]
    return sum(late) / max(1, len(late))
