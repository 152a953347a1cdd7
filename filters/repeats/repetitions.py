"""The repetitions in a suspect text, and whether they are faults: the careful half of the search.

Tables of steps, searches through cases, rows of zeros and sums of equal terms repeat legitimately; so the
copies are compared by their words, and by whether their numbers make progress.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from filters.repeats.novelty import has_progress
from filters.repeats.profiles import Ints, Profile, find_groups, locate_span

Bytes = NDArray[np.uint8]

_WORD = re.compile(rb"(?<![\\A-Za-z])[A-Za-z]{2,}")
_FOREIGN_WORD = re.compile(
    rb"(?<![\\A-Za-z])(?:[A-Za-z]|[\xc3-\xdf][\x80-\xbf]){2,}|(?:[\xe0\xe1][\x80-\xbf]{2}){2,}"
    rb"|(?!\xe3\x80)[\xe3-\xed][\x80-\xbf]{2}"
)
"""Words, of scripts without blanks the characters; marks, rules and pictures are none."""
_READ, _LONGEST, _LEAD, _MANY = 8000, 800, 60, 12
"""Bytes of a stretch's copies that are compared, of one of them, and of what stands before the first; and how many
are compared, at most."""
_PASSAGE_WORDS, PASSAGE_LETTERS = 40, 180
"""Length from which the same text at two places counts as a repeated passage, not as a phrase; in letters,
of which a Chinese or Japanese character or a Korean syllable counts three."""
_APART = 18
"""Words from which on a passage may stand after its like; what repeats at once is a loop."""


_SHORT_COPIES = 8
"""Copies from which on those of two or three words are looked at, too."""
_ENDS = 40
"""Words near a stretch's end from which copies are counted back: what comes after a loop may end the stretch."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A repetition found: the check's rule, the reason's detail, the score and the span in characters."""

    rule: str
    detail: str
    score: float | None
    span: tuple[int, int]


def find_loop(profile: Profile, min_copies: int, min_near_copies: int) -> Fault | None:
    """The first exact loop or near-loop among the likeliest distances, or None."""
    judged: list[tuple[int, int]] = []
    tried: set[int] = set()
    for distance in profile.periods:
        if not tried.isdisjoint((distance - 1, distance + 1)):
            continue  # it was within the tolerance of the other
        tried.add(distance)
        for first, middle, last in _find_stretches(profile, distance):
            if any(begin - distance <= first and last <= end + distance for begin, end in judged):
                continue
            if last - first >= (min_near_copies - 1) * distance:
                judged.append((first, last))
            fault = _find_exact_loop(profile, [first, middle, last], min_copies)
            fault = fault or _find_near_loop(profile, first, last, distance, min_near_copies)
            if fault is not None:
                return fault
    return None


def _compute_min_run_words(distance: int) -> float:
    """`least_words` of one distance: an array operation would cost more than what it is for."""
    return 8.0 if distance < 4 else max(4.0, 1.7 * distance - 3)


def _find_stretches(profile: Profile, distance: int) -> list[tuple[int, int, int]]:
    """First, middle and last sample of the stretches in which text stands `distance` words after its like.

    At most 12 stretches; the samples are given as words.
    """
    near = np.abs(profile.back - distance) <= 1
    hits = profile.index[near & (profile.back > 0) if distance == 1 else near]
    begins, ends = find_groups(hits, distance // 2 + 12)
    sizes = hits[ends] - hits[begins]
    dense = (ends - begins + 1) * profile.words_a_sample >= 0.4 * sizes
    kept = (dense & (sizes >= _compute_min_run_words(distance))).nonzero()[0][:12]
    begins, ends = begins[kept], ends[kept]
    places = (begins, (begins + ends) // 2, ends)
    return list(zip(*(hits[place].tolist() for place in places), strict=True))


def _find_exact_loop(profile: Profile, hits: list[int], min_copies: int) -> Fault | None:
    """An exact loop around the first, the middle or the last sample of a stretch."""
    at = profile.index.searchsorted(hits)
    words = profile.index[at]
    places = profile.locate_words(words).tolist(), profile.locate_words(words - profile.back[at]).tolist()
    for here, before in dict.fromkeys(zip(*places, strict=True)):
        period = here - before
        if period <= 0 or not _may_repeat(profile.raw, before, period, min_copies):
            continue
        begin, end = find_extent(profile.raw, before, period)
        copies = (end - begin + 1) / period
        if copies >= min_copies and _says_enough(profile.raw[before:here], copies, end - begin, min_copies):
            detail = f"{int(copies)} times: {quote_block(profile.raw[begin : begin + period])}"
            return Fault("loop", detail, int(copies), locate_span(profile.raw, begin, end))
    return None


def _may_repeat(raw: bytes, at: int, period: int, copies: int) -> bool:
    """Whether there may be so many copies around `at`: half of what must be equal lies on one side of it."""
    half = ((copies - 1) * period - 1) // 2
    ahead = raw[at : at + half] == raw[at + period : at + period + half]
    return ahead or (at >= half and raw[at - half : at] == raw[at + period - half : at + period])


def find_extent(raw: bytes, at: int, period: int) -> tuple[int, int]:
    """The widest range around `at` in which every byte equals the one a period later."""
    codes = np.frombuffer(raw, np.uint8)
    ahead = _count_equal(codes[at:], codes[at + period :])
    behind = _count_equal(codes[:at][::-1], codes[: at + period][::-1])
    return at - behind, at + ahead + period


def _count_equal(left: Bytes, right: Bytes) -> int:
    """How many bytes two arrays have in common from their beginning; looks little further than that."""
    size, done, step = min(len(left), len(right)), 0, 256
    while done < size:
        stop = min(size, done + step)
        differ = left[done:stop] != right[done:stop]
        if differ.any():
            return done + int(differ.argmax())
        done, step = stop, step * 2
    return size


def _says_enough(block: bytes, copies: float, size: int, min_copies: int) -> bool:
    """Whether a repeated block is speech: formulas, rows of zeros and rules repeat legitimately."""
    words = _count_words(block[:4000])
    if words >= 4:
        return copies >= min_copies
    return (copies >= 8 and size >= 60) if words else (copies >= 20 and size >= 300)


def _count_words(text: bytes) -> int:
    return len((_WORD if text.isascii() else _FOREIGN_WORD).findall(text))


def _find_near_loop(profile: Profile, first: int, last: int, distance: int, min_copies: int) -> Fault | None:
    """A stretch whose copies differ in a few words, or in numbers that lead nowhere."""
    copies = (last - first) / distance + 1
    if copies < min_copies - 0.4:
        return None
    begin, stop = profile.index.searchsorted([first, last + 1]).tolist()
    near = np.abs(profile.back[begin:stop] - distance) <= 1
    if np.count_nonzero(near) < 0.45 * (stop - begin):
        return None
    cuts = profile.locate_words(_find_anchors(profile, first, last, distance)).tolist()
    if len(cuts) < min_copies:
        return None
    blocks = [profile.raw[a:b] for a, b in pairwise(cuts)]
    few = min(8, len(blocks))
    words = _count_words(profile.raw[cuts[0] : cuts[few]]) / few
    halves = round(len(blocks) / copies)  # a word that stands twice in each copy cuts it in two
    if words < (4 if copies < _SHORT_COPIES else 2) or _says_new_things(
        profile.raw, cuts[::halves] if len(blocks) >= 3 * halves > 3 else cuts
    ):
        return None
    end = int(profile.locate_words(np.array([last]))[0])
    detail = f"about {round(copies)} times: {quote_block(blocks[0])}"
    return Fault("near_loop", detail, round(copies), locate_span(profile.raw, cuts[0], end))


def _says_new_things(raw: bytes, cuts: list[int]) -> bool:
    """Whether the copies that begin at `cuts` are an enumeration, judged by as many as are read."""
    many = max(8, min(_MANY, _READ * len(cuts) // (cuts[-1] - cuts[0])))
    read = cuts[-many - 1 :]  # what begins as an enumeration may end as a loop
    copies = [raw[a : min(b, a + _LONGEST)].decode("utf-8", "replace") for a, b in pairwise(read)]
    before = raw[max(0, read[0] - _LEAD) : read[0]].decode("utf-8", "replace")
    return has_progress(before, copies, len(cuts) - 1)


def _find_anchors(profile: Profile, first: int, last: int, distance: int) -> Ints:
    """Words at which the same text stands once a copy: the longest chain of steps back from near the end."""
    least, late, stop = profile.index.searchsorted(
        [first - 2 * distance - 3, last - 3 * distance + 1, last + 1]
    ).tolist()
    words = profile.index[least:stop].tolist()
    back = dict(zip(words, profile.back[least:stop].tolist(), strict=True))
    best: list[int] = []
    for tried, word in enumerate(reversed(words[late - least :])):
        if tried >= _ENDS or (tried >= 5 and (len(best) - 1) * distance > (last - first) / 2):
            break
        chain = [word]
        while 0 < back[chain[-1]] <= 2 * distance + 3 and chain[-1] >= first:
            chain.append(chain[-1] - back[chain[-1]])
        best = max(best, chain, key=len)
    return np.array(best[::-1], np.int64)


def find_passages(profile: Profile, max_share: float, known: str) -> Fault | None:
    """Long passages that stood in the text before, or None where they are few and short.

    known: text that may be repeated (the prompt: restating the problem is not rambling).
    """
    repeats = []
    for begin, end in _list_passages(profile):
        passage = profile.raw[begin:end].decode("utf-8", "replace").strip()
        if measure_letters(passage) >= PASSAGE_LETTERS and passage not in known:
            repeats.append((begin, end))
    size = sum(end - begin for begin, end in repeats)
    share = size / max(1, len(profile.raw))
    if share <= (max_share if len(repeats) < 2 else max_share / 4):
        return None
    detail = f"{len(repeats)} long passages stood there before, {share:.0%} of the text"
    return Fault("repeated_text", detail, share, locate_span(profile.raw, *repeats[0]))


def _list_passages(profile: Profile) -> list[tuple[int, int]]:
    """Byte ranges that equal an earlier one, in their order, none inside another."""
    least = max(3, _PASSAGE_WORDS / 2 / profile.words_a_sample)
    likely = _APART + (profile.counts[_APART:] >= least).nonzero()[0]
    found: list[tuple[int, int]] = []
    for distance in likely[np.argsort(-profile.counts[likely], kind="stable")][:12].tolist():
        hits = profile.index[profile.back == distance]
        begins, ends = find_groups(hits, _PASSAGE_WORDS)
        long = hits[ends] - hits[begins] >= _PASSAGE_WORDS / 2
        middles = hits[(begins + (ends - begins + 1) // 2)[long]].tolist()
        found += [_extend_passage(profile, word, distance) for word in middles]
    found.sort()
    return [span for n, span in enumerate(found) if n == 0 or span[0] >= found[n - 1][1]]


def _extend_passage(profile: Profile, word: int, distance: int) -> tuple[int, int]:
    here, before = profile.locate_words(np.array([word, word - distance])).tolist()
    begin, end = find_extent(profile.raw, before, here - before)
    return begin + here - before, end


def measure_letters(text: str) -> int:
    """A text's length, a character of Chinese, Japanese or Korean counting three."""
    if text.isascii():
        return len(text)
    return len(text) + 2 * sum("\u3040" <= letter <= "\ud7af" for letter in text)


def quote_block(block: bytes) -> str:
    """The beginning of a block in one line, for a reason."""
    return " ".join(block[:240].decode("utf-8", "replace").split())[:60]
