"""Profiles of texts that may repeat themselves, and at what distances: the fast half of the search.

Texts are laid one after the other and looked at together, since an array operation costs as much to start as
a short text costs to read. Words are hashed with the digits taken out, so that a loop is seen although its
numbers change, and each is compared with the last place in its text where the same stood. What repeats leaves
runs of equal distances; texts without any are done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_FOLD = bytes(32 if byte in b"\n\r\t" else byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_DIGITS = b"0123456789"
_PAD = bytes(16)
_BYTE_MIX = [np.uint8(k) for k in (5, 29, 199)]
_MIX = [np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)]
_FULL = 700
"""Up to this many words every word is a sample; beyond it about every third, chosen by content."""
_CHUNK = 200_000
"""Bytes looked at together: what stays in a core's cache."""
_APART = 1 << 22
"""Added to the word numbers of each next text of a chunk, so that no run reaches across."""
_MANY = 9
"""Samples at one distance before it is worth counting them."""
_SPEECH, _LONG = 0.4, 40
"""A run of less speech than this share is a formula or a table, and not looked at unless it is this long."""
_SHORTEST = 6
"""Shorter periods are seen as runs only: in formulas they are frequent without any loop."""
_OFTEN, _PERIODS = 6, 18
"""How many of a text's frequent distances, and of all its distances, are tried as a loop's."""
_PASSAGE = 34
"""A run of this many words is worth a look, whatever its distance."""


@dataclass(frozen=True)
class Profile:
    """A text's sampled words, and how far back the same text stood.

    raw: the text in UTF-8. starts: byte offset of every word in it, without its digits. index: which words
    are samples. back: for each sample, the distance in words to the last place of the same 16 bytes, 0 for
    none. periods: the distances that may be a loop's, the most frequent first.
    """

    raw: bytes
    starts: Ints
    index: Ints
    back: Ints
    periods: list[int]

    @cached_property
    def counts(self) -> Ints:
        """How many samples have each distance; none has 0."""
        counts: Ints = np.bincount(self.back, minlength=1)
        counts[0] = 0
        return counts

    @property
    def words_a_sample(self) -> float:
        """How many words one sample stands for."""
        return len(self.starts) / max(1, len(self.index))

    @cached_property
    def _digits(self) -> Ints:
        """The offset of each digit, had the digits before it been taken out."""
        digits = np.flatnonzero(np.frombuffer(self.raw, np.uint8) - np.uint8(48) < 10)
        return digits - np.arange(len(digits))

    def locate_words(self, words: Ints) -> Ints:
        """The byte offsets of words in the text with its digits."""
        starts = self.starts[words]
        return starts + self._digits.searchsorted(starts, "right")


def locate_span(raw: bytes, begin: int, end: int) -> tuple[int, int]:
    """Byte offsets of a text in UTF-8 as character offsets."""
    heads = (np.frombuffer(raw, np.uint8) & 0xC0) != 0x80
    return int(np.count_nonzero(heads[:begin])), int(np.count_nonzero(heads[:end]))


def encode_chunks(texts: Sequence[str]) -> Iterator[tuple[int, list[bytes]]]:
    """Texts that are looked at together, in UTF-8, with the number of the first of them."""
    first, chunk, size = 0, [], 0
    for number, text in enumerate(texts):
        chunk.append(text.encode("utf-8", "surrogatepass"))
        size += len(chunk[-1])
        if size >= _CHUNK or number == len(texts) - 1:
            yield first, chunk
            first, chunk, size = number + 1, [], 0


def find_suspects(raws: Sequence[bytes]) -> Iterator[tuple[int, Profile]]:
    """The numbers and profiles of those texts of a chunk that may hold a loop or a repeated passage."""
    if not raws:
        return
    folded = [raw.translate(_FOLD, _DIGITS) for raw in raws]
    joined = _PAD.join(folded) + _PAD
    begins = np.cumsum([0] + [len(text) + len(_PAD) for text in folded])
    starts = _find_word_starts(joined)
    edges = np.searchsorted(starts, begins)
    index = _sample_words(_compute_marks(joined, starts), edges)
    limits = np.searchsorted(index, edges)
    owner = np.repeat(np.arange(len(raws)), np.diff(limits))
    back = _compute_distances(_hash_words(joined, starts[index]), index, owner, len(raws))
    words_a_sample = np.diff(edges) / np.maximum(1, np.diff(limits))
    repeated = np.flatnonzero(back > 0)
    again = index[repeated]
    spoken = _is_spoken(joined, starts[again])
    found = _find_repeating(again, back[repeated], owner[repeated], spoken, words_a_sample)
    for place, periods in found.items():
        words, samples = slice(edges[place], edges[place + 1]), slice(limits[place], limits[place + 1])
        places, sampled = starts[words] - begins[place], index[samples] - edges[place]
        yield place, Profile(raws[place], places, sampled, back[samples], list(dict.fromkeys(periods)))


def _find_word_starts(joined: bytes) -> Ints:
    """Offsets after a blank; of every character too in scripts that may not put blanks between words."""
    codes = np.frombuffer(b" " + joined, np.uint8)
    blank = codes <= 32
    starts = blank[:-1] > blank[1:]
    if not joined.isascii():
        starts |= codes[1:] >= 0xE0
    return np.flatnonzero(starts)


def _compute_marks(joined: bytes, starts: Ints) -> NDArray[np.uint8]:
    """One byte from the 8 bytes of each start on: three multiplications over all bytes and then a lookup a word
    cost less than gathering 8 bytes a word.
    """
    codes = np.frombuffer(joined, np.uint8)
    for step, factor in zip((1, 2, 4), _BYTE_MIX, strict=True):
        mixed = codes[:-step] * factor
        mixed += codes[step:]
        codes = mixed
    return codes.take(starts)


def _hash_words(joined: bytes, starts: Ints) -> NDArray[np.uint64]:
    """One hash of the 16 bytes from each start on."""
    windows: NDArray[np.void] = np.ndarray((len(joined) - 15,), "V16", joined, strides=(1,))
    halves = windows[starts].view(np.uint64).reshape(-1, 2)
    mixed: NDArray[np.uint64] = halves[:, 0] * _MIX[0]
    mixed += halves[:, 1] * _MIX[1]
    return mixed


def _sample_words(marks: NDArray[np.uint8], edges: Ints) -> Ints:
    """Which words are looked at: all of a short text; of a long one those whose mark is the least around.

    Chosen by content, so that equal stretches have equal samples; and every loop has at least one a period.
    """
    sizes = np.diff(edges)
    least = np.ones(len(marks), np.bool_)
    np.less_equal(marks[1:-1], marks[:-2], out=least[1:-1])
    least[1:-1] &= marks[1:-1] <= marks[2:]
    if (sizes <= _FULL).any():
        least |= np.repeat(sizes <= _FULL, sizes)
    return np.flatnonzero(least)


def _compute_distances(hashes: NDArray[np.uint64], index: Ints, owner: Ints, texts: int) -> Ints:
    """Sorts text, hash and sample number as one integer: much faster than sorting the numbers by the rest."""
    bits, high = max(1, len(index)).bit_length(), 64 - texts.bit_length()
    packed = hashes >> np.uint64(64 - high)
    packed &= np.uint64((1 << high) - (1 << bits))
    packed |= np.arange(len(index), dtype=np.uint64)
    packed |= owner.view(np.uint64) << np.uint64(high)
    packed.sort()
    keys = packed >> np.uint64(bits)
    same = np.flatnonzero(keys[1:] == keys[:-1])
    packed &= np.uint64((1 << bits) - 1)
    order = packed.view(np.int64)
    back = np.zeros(len(index), np.int64)
    later = order.take(same + 1)
    back[later] = index.take(later) - index.take(order.take(same))
    return back


def _is_spoken(joined: bytes, starts: Ints) -> Flags:
    """Which words begin with two letters: the others are signs, symbols and commands of formulas."""
    codes = np.frombuffer(joined, np.uint8)
    first, second = codes[starts], codes[starts + 1]
    return ((first - np.uint8(97) < 26) & (second - np.uint8(97) < 26)) | (first >= 0xC3)


def _find_repeating(
    words: Ints, back: Ints, owner: Ints, spoken: Flags, words_a_sample: NDArray[np.float64]
) -> dict[int, list[int]]:
    """The texts that may repeat themselves, and the distances at which they do.

    words, back, owner, spoken: of the samples that repeat an earlier one, in their order. A run of one
    distance is worth a look where it is speech, or long.
    """
    if not len(words):
        return {}
    firsts, lasts = find_runs(words + owner * _APART, back)
    length, text, distance = words[lasts] - words[firsts], owner[firsts], back[firsts]
    loops = length >= compute_min_run_words(distance)
    said: Ints = np.append(0, np.cumsum(spoken))
    speech = (said[lasts + 1] - said[firsts]) / (lasts + 1 - firsts)
    likely = (loops | (length >= _PASSAGE)) & ((speech >= _SPEECH) | (length >= _LONG))
    found = _find_frequent_distances(back, owner, words_a_sample)
    for place in text[likely].tolist():
        found.setdefault(place, [])
    for place, value in sorted(set(zip(text[loops].tolist(), distance[loops].tolist(), strict=True))):
        if place in found and len(found[place]) < _PERIODS:
            found[place].append(value)
    return found


def _find_frequent_distances(
    back: Ints, owner: Ints, words_a_sample: NDArray[np.float64]
) -> dict[int, list[int]]:
    """Texts in which one distance, or the next, stands for many words, be they together or not: the six commonest."""
    keys = np.sort(owner * _APART + back)
    found: dict[int, list[int]] = {}
    if len(keys) < _MANY:
        return found
    many = keys[: 1 - _MANY][keys[_MANY - 1 :] - keys[: 1 - _MANY] <= 1]
    many = many[np.diff(many, prepend=-1) > 0]
    times = np.searchsorted(keys, many + 2) - np.searchsorted(keys, many - 1)
    text, distance = np.divmod(many, _APART)
    often = (distance >= _SHORTEST) & (times * words_a_sample[text] >= compute_min_period_words(distance))
    ranked = np.flatnonzero(often)[np.argsort(-times[often], kind="stable")]
    for place, value in zip(text[ranked].tolist(), distance[ranked].tolist(), strict=True):
        listed = found.setdefault(place, [])
        if len(listed) < _OFTEN:
            listed.append(value)
    return found


def compute_min_period_words(distances: Ints | int) -> NDArray[np.float64]:
    """Words that must stand at one distance anywhere in a text to make it a period."""
    return np.maximum(33.0, 1.5 * np.asarray(distances))


def find_runs(words: Ints, back: Ints) -> tuple[Ints, Ints]:
    """First and last places of the runs in which repeated words stand close and at nearly one distance."""
    cuts = (np.abs(back[1:] - back[:-1]) > 1) | (words[1:] - words[:-1] > back[1:] // 2 + 12)
    return _find_edges(cuts)


def find_groups(words: Ints, gap: int) -> tuple[Ints, Ints]:
    """First and last places of the groups of words that stand no further apart than this."""
    return _find_edges(words[1:] - words[:-1] > gap)


def _find_edges(cuts: Flags) -> tuple[Ints, Ints]:
    places = cuts.nonzero()[0]
    firsts, lasts = np.zeros(len(places) + 1, np.int64), np.empty(len(places) + 1, np.int64)
    firsts[1:], lasts[:-1], lasts[-1] = places + 1, places, len(cuts)
    return firsts, lasts


def compute_min_run_words(distances: Ints) -> NDArray[np.float64]:
    """Words that a run must have to be a loop: enough for three copies, for eight of very short ones."""
    return np.where(distances < 4, 8.0, np.maximum(4.0, 1.7 * distances - 3))
