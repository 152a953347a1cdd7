"""Where a text repeats itself: the search behind the check `repetition`.

All of it is linear in the text but for one sort of the sampled words, and works on UTF-8 bytes with digits
taken out, so that a loop is still seen when only its numbers change; whether such a change is progress (a
table, a search through cases) or not is judged afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

_FOLD = bytes(32 if byte in b"\n\r\t" else byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_DIGITS = b"0123456789"
_MIX = [np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)]
_FULL = 700
"""Up to this many words every word is a sample; beyond it about every third, chosen by content."""
_WORD = re.compile(rb"(?<![\\A-Za-z])[A-Za-z]{2,}|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_NUMBER = re.compile(rb"\d+(?:[.,]\d+)*")
_MAX_CASES = 50
"""A loop whose numbers advance is a table or a search; one with more copies than this is a loop."""
_PASSAGE_WORDS, _PASSAGE_LETTERS = 30, 180
"""Length from which the same text at two places counts as a repeated passage, not as a phrase; in letters,
of which a Chinese or Japanese character or a Korean syllable counts three."""
_ORDINAL = re.compile(
    rb"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|next|mon|tues|wednes|thurs|fri"
    rb"|satur|sun|january|february|march|april|may|june|july|august|september|october|november|december)"
    rb"|" + "第[一二三四五六七八九十]".encode(),
    re.I,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A repetition found: the check's rule, the reason's detail, the score and the span in characters."""

    rule: str
    detail: str
    score: float
    span: tuple[int, int]


class Profile:
    """Sampled words of a text without its digits, and how far back the same text stood.

    starts: byte offset of every word in the text without digits. index: which of these are samples.
    back: for each sample, the distance in words to the last place of the same 16 bytes, 0 for none.
    """

    def __init__(self, text: str) -> None:
        self.raw = text.encode("utf-8", "surrogatepass")
        kept = self.raw.translate(_FOLD, _DIGITS)
        self.starts = _word_starts(kept)
        hashes = _hashes(kept, self.starts)
        self.index = _sample(hashes)
        self.back = _distances(hashes[self.index], self.index)

    def origin(self, words: Ints) -> Ints:
        """The byte offsets of words in the text with its digits."""
        if not hasattr(self, "_kept"):
            whole = np.frombuffer(self.raw, np.uint8)
            self._kept = np.flatnonzero((whole < 48) | (whole > 57))
        return self._kept[self.starts[words]]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Byte offsets as character offsets."""
        heads = (np.frombuffer(self.raw, np.uint8) & 0xC0) != 0x80
        return int(np.count_nonzero(heads[:begin])), int(np.count_nonzero(heads[:end]))


def _word_starts(kept: bytes) -> Ints:
    """Offsets after a blank; of every character too in scripts that may not put blanks between words."""
    codes = np.frombuffer(b" " + kept, np.uint8)
    blank = codes <= 32
    starts = blank[:-1] & ~blank[1:]
    if not kept.isascii():
        starts |= codes[1:] >= 0xE0
    return np.flatnonzero(starts)


def _hashes(kept: bytes, starts: Ints) -> NDArray[np.uint64]:
    """One hash of the 16 bytes from each start on."""
    buffer = kept + bytes(16)
    words: NDArray[np.uint64] = np.ndarray((len(kept) + 9,), np.uint64, buffer, strides=(1,))
    mixed = (words[starts] * _MIX[0]) ^ (words[starts + 8] * _MIX[1])
    mixed ^= mixed >> np.uint64(29)
    return mixed * _MIX[2]


def _sample(hashes: NDArray[np.uint64]) -> Ints:
    """Which words are looked at: all, or in a long text those whose hash is least among its neighbours.

    Chosen by content, so that equal stretches have equal samples; and every loop has at least one a period.
    """
    if len(hashes) <= _FULL:
        return np.arange(len(hashes))
    least = (hashes[1:-1] <= hashes[:-2]) & (hashes[1:-1] <= hashes[2:])
    return np.flatnonzero(least) + 1


def _distances(hashes: NDArray[np.uint64], index: Ints) -> Ints:
    order = np.argsort(hashes, kind="stable")
    same = hashes[order[1:]] == hashes[order[:-1]]
    back = np.zeros(len(index), np.int64)
    back[order[1:][same]] = (index[order[1:]] - index[order[:-1]])[same]
    return back


def find_loop(profile: Profile, min_copies: int, min_near_copies: int) -> Fault | None:
    """The first exact loop or near-loop among the most frequent distances, or None."""
    for distance in _loop_distances(profile):
        for first, last in _stretches(profile, distance):
            fault = _exact(profile, first, last, distance, min_copies)
            fault = fault or _near(profile, first, last, distance, min_near_copies)
            if fault is not None:
                return fault
    return None


def _loop_distances(profile: Profile) -> list[int]:
    """Distances that cover more words than one copy: the candidates for a period, at most six."""
    counts = np.bincount(profile.back)
    counts[:1] = 0
    if not counts.any():
        return []
    near = counts.copy()
    near[1:] += counts[:-1]
    near[:-1] += counts[1:]
    words_a_sample = len(profile.starts) / len(profile.index)
    enough = np.maximum(3, 1.1 * np.arange(len(near)) / words_a_sample)
    found = np.flatnonzero((near >= enough) & (counts > 0))
    return [int(d) for d in found[np.argsort(-near[found], kind="stable")][:6]]


def _stretches(profile: Profile, distance: int) -> list[tuple[int, int]]:
    """First and last word of the stretches in which text stands `distance` words after its like."""
    hits = profile.index[np.abs(profile.back - distance) <= 1]
    cuts = np.flatnonzero(np.diff(hits) > distance // 2 + 12)
    firsts, lasts = hits[np.append(0, cuts + 1)], hits[np.append(cuts, len(hits) - 1)]
    long = (lasts - firsts) >= 1.1 * distance - 3
    return list(zip(firsts[long].tolist(), lasts[long].tolist(), strict=True))


def _exact(profile: Profile, first: int, last: int, distance: int, min_copies: int) -> Fault | None:
    """An exact loop around the first, the middle or the last word of a stretch."""
    for word in {first, (first + last) // 2, last}:
        here, before = profile.origin(np.array([word, max(0, word - distance)])).tolist()
        period = here - before
        if period <= 0:
            continue
        begin, end = _extent(profile.raw, before, period)
        copies = (end - begin + 1) / period
        if copies >= min_copies and _says_enough(profile.raw[before:here], copies, end - begin, min_copies):
            detail = f"{int(copies)} times: {_shown(profile.raw[begin : begin + period])}"
            return Fault("loop", detail, int(copies), profile.span(begin, end))
    return None


def _extent(raw: bytes, at: int, period: int) -> tuple[int, int]:
    """The widest range around `at` in which every byte equals the one a period later."""
    codes = np.frombuffer(raw, np.uint8)
    ahead = _equal_run(codes[at:], codes[at + period :])
    behind = _equal_run(codes[:at][::-1], codes[: at + period][::-1])
    return at - behind, at + ahead + period


def _equal_run(left: Bytes, right: Bytes) -> int:
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
    """Whether a repeated block is speech: formulas, rows of zeros and rules repeat rightly."""
    words = len(_WORD.findall(block[:4000]))
    if words >= 4:
        return copies >= min_copies
    return (copies >= 8 and size >= 60) if words else (copies >= 20 and size >= 300)


def _near(profile: Profile, first: int, last: int, distance: int, min_copies: int) -> Fault | None:
    """A stretch whose copies differ in a few words, or in numbers that lead nowhere."""
    copies = (last - first) / distance + 1
    inside = (profile.index >= first) & (profile.index <= last)
    matched = np.abs(profile.back[inside] - distance) <= 1
    if copies < min_copies - 0.4 or matched.mean() < 0.55:
        return None
    cuts = profile.origin(np.arange(max(0, first - distance), last + 1, distance)).tolist()
    blocks = [profile.raw[a:b] for a, b in pairwise(cuts)]
    words = sum(len(_WORD.findall(block)) for block in blocks) / len(blocks)
    if words < 4 or (_advances(blocks, words) and copies <= _MAX_CASES):
        return None
    end = int(profile.origin(np.array([last]))[0])
    detail = f"about {round(copies)} times: {_shown(blocks[0])}"
    return Fault("near_loop", detail, round(copies), profile.span(cuts[0], end))


def _advances(blocks: list[bytes], words: float) -> bool:
    """Whether successive copies tell of progress: one number only grows or only shrinks, an ordinal or a
    month is always another, or there are so many numbers, and always others, that they are calculations.
    """
    ordinals = [tuple(_ORDINAL.findall(block)) for block in blocks]
    if all(ordinals) and len(set(ordinals)) > 0.8 * len(blocks):
        return True
    rows = [tuple(_NUMBER.findall(block)) for block in blocks]
    width = min(map(len, rows))
    if not width:
        return False
    for column in range(width):
        values = [float(row[column].replace(b",", b"")) for row in rows]
        steps = [b - a for a, b in pairwise(values)]
        if steps and (min(steps) > 0 or max(steps) < 0):
            return True
    return len(set(rows)) >= 0.9 * len(rows) and words < 4 * width


def find_passages(profile: Profile, max_share: float, known: str) -> Fault | None:
    """Long passages that stood in the text before, or None where they are few and short.

    known: text that may be repeated (the prompt: restating the problem is not rambling).
    """
    repeats = []
    for begin, end in _passages(profile):
        passage = profile.raw[begin:end].decode("utf-8", "replace").strip()
        if _letters(passage) >= _PASSAGE_LETTERS and passage not in known:
            repeats.append((begin, end))
    size = sum(end - begin for begin, end in repeats)
    share = size / max(1, len(profile.raw))
    if share <= (max_share if len(repeats) < 2 else max_share / 4):
        return None
    detail = f"{len(repeats)} long passages stood there before, {share:.0%} of the text"
    return Fault("repeated_text", detail, share, profile.span(*repeats[0]))


def _passages(profile: Profile) -> Iterator[tuple[int, int]]:
    """Byte ranges that equal an earlier one."""
    cuts = np.flatnonzero(np.diff(profile.back)) + 1
    firsts, lasts = np.append(0, cuts), np.append(cuts, len(profile.back)) - 1
    words = profile.index[lasts] - profile.index[firsts]
    done = 0
    for run in np.flatnonzero((profile.back[firsts] > 0) & (words >= _PASSAGE_WORDS - 6)).tolist():
        word, distance = int(profile.index[(firsts[run] + lasts[run]) // 2]), int(profile.back[firsts[run]])
        here, before = profile.origin(np.array([word, word - distance])).tolist()
        begin, end = _extent(profile.raw, before, here - before)
        begin = begin + here - before
        if begin >= done:
            yield begin, end
            done = end


def _letters(text: str) -> int:
    return len(text) + 2 * sum("\u3040" <= letter <= "\ud7af" for letter in text)


def _shown(block: bytes) -> str:
    return " ".join(block[:240].decode("utf-8", "replace").split())[:60]
