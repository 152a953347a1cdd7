"""Which problem stands in each of many texts: candidates by hashes, each confirmed on the words themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, NamedTuple

from filters.overlap.masks import hash_masked_grams
from filters.overlap.match_rules import LINE_WORDS, WHOLE_WORDS, MatchKind
from filters.overlap.problem_index import Candidate, ProblemIndex, count_gram_words
from filters.overlap.read_texts import (
    Gram,
    ReadText,
    Span,
    list_grams,
    list_signed_grams,
    merge_runs,
    read_texts,
)
from filters.overlap.words import split_texts

_LONGEST_LINE: Final = 40
_TIMES_LONGER: Final = 3
"""How long a line may be that holds nothing but a problem of few words, set otherwise."""


@dataclass(frozen=True, slots=True)
class Match:
    """A problem that stands in a text.

    problem: its number. coverage: the share of its runs of words that stand in the text, each once; of those that tell it,
    where its benchmark puts the same words around each problem and they are most of it. words: of a run.
    text_spans, problem_spans: the ranges of characters that both share, in order.
    """

    problem: int
    kind: MatchKind
    coverage: float
    words: int
    text_spans: Sequence[Span]
    problem_spans: Sequence[Span]

    @property
    def span(self) -> Span:
        """From the first of the text's shared characters to the last."""
        return self.text_spans[0][0], self.text_spans[-1][1]


class _Runs(NamedTuple):
    """A problem's runs, in order, and of each whether it tells the problem from others, and whether it counts at all."""

    grams: list[Gram]
    tells: Sequence[bool]
    counts: Sequence[bool]


def find_matches(index: ProblemIndex, texts: Sequence[str]) -> list[Match | None]:
    """Of each text the problem of which most stands in it, of equals the first; None where none does."""
    found: list[Match | None] = [None] * len(texts)
    for number, confirmed in _confirm_all(index, texts):
        found[number] = next(confirmed, None)
    return found


def list_matches(index: ProblemIndex, texts: Sequence[str]) -> list[list[Match]]:
    """Of each text all problems that stand in it, that of which most does first."""
    found: list[list[Match]] = [[] for _ in texts]
    for number, confirmed in _confirm_all(index, texts):
        found[number] = list(confirmed)
    return found


def _confirm_all(index: ProblemIndex, texts: Sequence[str]) -> Iterator[tuple[int, Iterator[Match]]]:
    """The numbers of the texts that may hold a problem, each with those that it does, as they are asked for."""
    candidates = index.list_candidates(texts)
    numbers = list(candidates)
    for piece in split_texts([texts[number] for number in numbers]):
        some = [numbers[at] for at in piece]
        for number, read in zip(some, read_texts([texts[number] for number in some]), strict=True):
            yield number, filter(None, map(partial(_confirm, index, read), candidates[number]))


@lru_cache(4096)
def _read_problem(text: str) -> ReadText:
    return read_texts([text])[0]


def _confirm(index: ProblemIndex, text: ReadText, one: Candidate) -> Match | None:
    problem = _read_problem(index.problems[one.problem])
    if one.kind == "exact":
        return _find_whole(text, problem, one.problem)
    if one.kind == "reworded":
        return _cover(index, text, problem, one)
    whole = _find_whole(text, problem, one.problem) if one.kind == "overlap" else None
    return whole or _cover(index, text, problem, one)


def _find_whole(text: ReadText, problem: ReadText, number: int) -> Match | None:
    """The first place where all words of a problem stand in a row with the signs between them.

    Few words must be all of the text, or of a line, with all of its signs.
    """
    size = len(problem.spellings)
    if size < WHOLE_WORDS:
        return _find_alone(text, problem, number)
    starts = list(_find_starts(text.spellings, problem.spellings))
    if not starts:
        return None
    within, there = problem.signs_beside(text), text.signs_beside(problem)
    for at in starts:
        if there[at + 1 : at + size] == within[1:-1]:
            return _make_whole(text.find_span(at, at + size), problem, number)
    return None


def _find_alone(text: ReadText, problem: ReadText, number: int) -> Match | None:
    for begin, part in _list_parts(text.text, len(problem.spellings)):
        if len(part) > _LONGEST_LINE + _TIMES_LONGER * len(problem.text):
            continue
        (read,) = read_texts([part])
        same = read.spellings == problem.spellings and read.signs_beside(problem) == problem.signs_beside(
            read
        )
        if same:
            first, last = read.find_span(0, len(read.words))
            return _make_whole((first + begin, last + begin), problem, number)
    return None


def _list_parts(text: str, words: int) -> Iterator[tuple[int, str]]:
    """What a problem of few words may be all of, with where each begins: the text, and for some words each of its lines."""
    yield 0, text
    begin = 0
    for line in text.splitlines(keepends=True) if words >= LINE_WORDS else ():
        yield begin, line
        begin += len(line)


def _make_whole(span: Span, problem: ReadText, number: int) -> Match:
    size = len(problem.spellings)
    return Match(number, "exact", 1.0, size, [span], [problem.find_span(0, size)])


def _find_starts(text: Sequence[str], problem: Sequence[str]) -> Iterator[int]:
    """Where the words of a problem stand in a row."""
    at, last = 0, len(text) - len(problem)
    while at <= last:
        try:
            at = text.index(problem[0], at, last + 1)
        except ValueError:
            return
        if text[at : at + len(problem)] == problem:
            yield at
        at += 1


def _cover(index: ProblemIndex, text: ReadText, problem: ReadText, one: Candidate) -> Match | None:
    """The match of a problem whose runs stand in the text, where they are enough of those that tell it, and of all or these are many."""
    n = count_gram_words(index.rules)
    runs, there = _list_runs(index, problem, one, n, text)
    shared = {gram for gram, counts in zip(runs.grams, runs.counts, strict=True) if counts and there[gram]}
    everything = {gram for gram, counts in zip(runs.grams, runs.counts, strict=True) if counts}
    telling = {gram for gram, tells in zip(runs.grams, runs.tells, strict=True) if tells}
    least = {"overlap": index.rules.coverage, "reworded": index.rules.masked_coverage}.get(one.kind) or 0.0
    shown = shared & telling
    if not shown or len(shown) / len(telling) < least - 1e-9:
        return None
    share = len(shared) / len(everything)
    if share < least - 1e-9:
        # What its benchmark puts around each problem may be most of it: the rest, where it is enough, is judged alone.
        if one.kind != "overlap" or len(telling) <= n:
            return None
        share = len(shown) / len(telling)
    text_runs = merge_runs([at for gram in shown for at in there[gram]], n)
    problem_runs = merge_runs([at for at, gram in enumerate(runs.grams) if gram in shown], n)
    return Match(
        one.problem,
        one.kind,
        share,
        n,
        [text.find_span(*run) for run in text_runs],
        [problem.find_span(*run) for run in problem_runs],
    )


def _list_runs(
    index: ProblemIndex, problem: ReadText, one: Candidate, n: int, text: ReadText
) -> tuple[_Runs, dict[Gram, list[int]]]:
    """A problem's runs, and where each stands in the text. Those of a short problem hold their signs, too."""
    if one.kind == "reworded":
        table = index.tables[one.kind]
        grams, there = list_grams(problem.masked_words, n), list_grams(text.masked_words, n)
        telling = hash_masked_grams(problem.noted_words, n)
        counts = [False] * len(grams)
        tells = [False] * len(grams)
        for at, held in zip(telling.words.tolist(), table.holds(telling.hashes, one.problem), strict=True):
            counts[at], tells[at] = True, held
    else:
        if one.kind == "overlap" and len(problem.spellings) < 2 * n:
            grams = list_signed_grams(problem.spellings, problem.signs_beside(text), n)
            there = list_signed_grams(text.spellings, text.signs_beside(problem), n)
        else:
            grams, there = list_grams(problem.spellings, n), list_grams(text.spellings, n)
        tells = index.list_telling(one.kind, one.problem)
        counts = [True] * len(grams)
    places: dict[Gram, list[int]] = {gram: [] for gram in grams}
    for at, gram in enumerate(there):
        if gram in places:
            places[gram].append(at)
    return _Runs(grams, tells, counts), places
