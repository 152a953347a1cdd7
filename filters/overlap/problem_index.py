"""The problems of benchmarks, indexed by their runs of words, so that many texts are compared with all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.gram_table import GramTable, Pairs
from filters.overlap.masks import hash_masked_grams
from filters.overlap.match_rules import LINE_WORDS, PAPER_WORDS, WHOLE_WORDS, MatchKind, MatchRules
from filters.overlap.run_hashes import Places, sum_up
from filters.overlap.words import (
    Grams,
    HashedWords,
    hash_grams,
    hash_words,
    note_words,
    split_texts,
)

COMMON_PROBLEMS: Final = 10
COMMON_SHARE: Final = 0.01
"""So many different problems of a benchmark, and this share of it, must have a run that tells none of them: "Express your answer
as". A story that a few questions are asked about is none."""


MOST_NAMED: Final = 32
"""Where more problems have one run, by the paper's rule: so many of which one is named."""


class Candidate(NamedTuple):
    """A text that may hold a problem, by hashes. share: of the problem's runs that tell it. kind: how it was found."""

    text: int
    share: float
    kind: MatchKind
    problem: int


@dataclass(frozen=True)
class ProblemIndex:
    """problems: their texts. tables: their runs of words, by the kind of match that they make. lengths: how many words the problems of fewer than WHOLE_WORDS have."""

    problems: Sequence[str]
    rules: MatchRules
    tables: Mapping[MatchKind, GramTable]
    lengths: Sequence[int] = ()

    def list_candidates(self, texts: Sequence[str]) -> dict[int, list[Candidate]]:
        """Of the texts that may hold a problem, by number, the problems, the likeliest first."""
        found: dict[int, list[Candidate]] = {}
        for piece in split_texts(texts):
            for one in self._find_candidates([texts[number] for number in piece]):
                found.setdefault(piece[one.text], []).append(one._replace(text=piece[one.text]))
        return {
            text: sorted(some, key=lambda one: (-one.share, one.kind, one.problem))
            for text, some in found.items()
        }

    def list_telling(self, kind: MatchKind, problem: int) -> list[bool]:
        """Of each of a problem's runs, in order, whether it tells the problem from others."""
        if (kind, problem) not in self._telling:
            grams = hash_grams(hash_words([self.problems[problem]]), count_gram_words(self.rules))
            self._telling[kind, problem] = self.tables[kind].holds(grams.hashes, problem)
        return self._telling[kind, problem]

    @cached_property
    def _telling(self) -> dict[tuple[MatchKind, int], list[bool]]:
        """What has been asked for so far: of few problems, again and again."""
        return {}

    def count_unseen(self) -> int:
        """How many problems are never found: they have too few words, or none."""
        return int(np.count_nonzero(np.sum([table.sizes for table in self.tables.values()], axis=0) == 0))

    def _least(self, kind: MatchKind) -> float:
        shares = {"exact": 1.0, "overlap": self.rules.coverage, "reworded": self.rules.masked_coverage or 1.0}
        return shares.get(kind, 0.0) - 1e-9

    def _find_candidates(self, texts: Sequence[str]) -> Iterator[Candidate]:
        for kind, pairs in self._find_pairs(texts):
            shares = pairs.counts / self.tables[kind].sizes[pairs.problems]
            enough = np.flatnonzero(shares >= self._least(kind))
            columns = (column[enough].tolist() for column in (pairs.texts, pairs.problems, shares))
            for text, problem, share in zip(*columns, strict=True):
                yield Candidate(text, share, kind, problem)

    def _find_pairs(self, texts: Sequence[str]) -> Iterator[tuple[MatchKind, Pairs]]:
        noted = note_words(texts) if "reworded" in self.tables else None
        words = noted.words if noted else hash_words(texts)
        sums = sum_up(words.hashes)
        for kind, table in self.tables.items():
            if kind == "exact":
                for length in (WHOLE_WORDS, *(one for one in self.lengths if one >= LINE_WORDS)):
                    yield kind, table.find_rows(sums, words.ends, length)
                for length in (one for one in self.lengths if one < LINE_WORDS):
                    yield kind, table.find(_hash_whole(words, length))
            elif kind == "reworded":
                assert noted is not None
                yield kind, table.find(hash_masked_grams(noted, self.rules.ngram))
            else:
                yield kind, table.find_rows(sums, words.ends, count_gram_words(self.rules))

    def to_arrays(self) -> dict[str, Any]:
        """All of it but the texts, as arrays by name."""
        arrays = {
            f"{kind}.{name}": array
            for kind, table in self.tables.items()
            for name, array in table.to_arrays().items()
        }
        return {**arrays, "lengths": np.array(self.lengths, np.int64)}

    @classmethod
    def from_arrays(
        cls, problems: Sequence[str], rules: MatchRules, arrays: Mapping[str, Any]
    ) -> ProblemIndex:
        """The inverse of `to_arrays`."""
        tables: dict[MatchKind, dict[str, Any]] = {}
        for name, array in arrays.items():
            kind, point, part = name.partition(".")
            if point:
                tables.setdefault(kind, {})[part] = array  # type: ignore[arg-type]
        made = {kind: GramTable.from_arrays(parts) for kind, parts in tables.items()}
        return cls(problems, rules, made, arrays["lengths"].tolist())


def count_gram_words(rules: MatchRules) -> int:
    """How many words the runs have that are compared."""
    return PAPER_WORDS if rules.rule == "paper" else rules.ngram


def build_index(problems: Sequence[str], groups: Sequence[int], rules: MatchRules) -> ProblemIndex:
    """Index problems. groups: of each, the number of its benchmark."""
    noted = note_words(problems)
    words = noted.words
    n, count = count_gram_words(rules), len(problems)
    if rules.rule == "paper":
        grams = hash_grams(words, n)
        table = GramTable.build(grams.hashes, _owners(grams), count, MOST_NAMED)
        return ProblemIndex(problems, rules, {"paper": table})
    kinds = _number_kinds(words, np.asarray(groups, np.int64))
    tables: dict[MatchKind, GramTable] = {"overlap": _tell_apart(hash_grams(words, n), kinds)}
    lengths = sorted({size for size in words.counts.tolist() if 0 < size < min(n, WHOLE_WORDS)})
    # A short problem stands in a text if all its runs of WHOLE_WORDS do; one of fewer words, if it is the text.
    short = [_keep_texts(hash_grams(words, WHOLE_WORDS), words.counts < n)]
    short += [_hash_whole(words, length) for length in lengths]
    hashes, owners = (
        np.concatenate([one.hashes for one in short]),
        np.concatenate([_owners(one) for one in short]),
    )
    tables["exact"] = GramTable.build(hashes, owners, count)
    if rules.masked_coverage is not None:
        tables["reworded"] = _tell_apart(hash_masked_grams(noted, n), kinds)
    return ProblemIndex(problems, rules, tables, lengths)


class _Kinds(NamedTuple):
    """Of each problem the number of its benchmark, and whether it is the first of its words there."""

    groups: Places
    is_first: NDArray[np.bool_]


def _number_kinds(words: HashedWords, groups: Places) -> _Kinds:
    keys: list[tuple[int, bytes]] = [
        (group, words.hashes[begin:end].tobytes())
        for group, begin, end in zip(groups.tolist(), words.begins.tolist(), words.ends.tolist(), strict=True)
    ]
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    return _Kinds(groups, np.array([first[key] == number for number, key in enumerate(keys)], np.bool_))


def _tell_apart(grams: Grams, kinds: _Kinds) -> GramTable:
    """The runs by which each problem is told: not those that many of its benchmark have, unless it has no others."""
    owners, count = _owners(grams), len(kinds.groups)
    everything = GramTable.build(grams.hashes, owners, count)
    hashes = np.repeat(everything.hashes, np.diff(everything.starts))
    holders = everything.holders.astype(np.int64)
    # How many different problems of the benchmark of each holder have its run.
    groups = kinds.groups[holders]
    sizes = np.bincount(kinds.groups[kinds.is_first], minlength=int(kinds.groups.max(initial=0)) + 1)
    runs = np.repeat(np.arange(len(everything.hashes)), np.diff(everything.starts))
    _, key = np.unique(np.stack([runs, groups]), axis=1, return_inverse=True)
    many = np.bincount(key.ravel(), weights=kinds.is_first[holders])[key.ravel()]
    tells = many < np.maximum(COMMON_PROBLEMS, COMMON_SHARE * sizes[groups])
    told = np.bincount(holders[tells], minlength=count) > 0
    kept = tells | ~told[holders]
    return GramTable.build(hashes[kept], holders[kept], count)


def _owners(grams: Grams) -> Places:
    """Of each run, the number of its text."""
    return np.repeat(np.arange(len(grams.ends)), np.diff(grams.ends, prepend=0))


def _keep_texts(grams: Grams, kept: NDArray[np.bool_]) -> Grams:
    """The runs of some texts."""
    chosen = kept[_owners(grams)]
    return Grams(grams.hashes[chosen], np.cumsum(np.append(0, chosen))[grams.ends], grams.words[chosen])


def _hash_whole(words: HashedWords, length: int) -> Grams:
    """The runs that are all of a text of so many words."""
    is_whole = words.counts == length
    of_whole = np.repeat(is_whole, words.counts)
    return hash_grams(
        words._replace(hashes=words.hashes[of_whole], ends=np.cumsum(is_whole * length)), length
    )
