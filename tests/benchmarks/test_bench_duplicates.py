"""The benchmark of near-duplicates plants what it says, and its loops run on a few texts."""

import random

import pytest

from tests.benchmarks.bench_duplicates import (
    make_short_documents,
    measure_scale,
    show_documents,
    show_half_copies,
    show_prompts,
)
from tests.benchmarks.other_problems import OTHER_PROBLEMS, give_options
from tests.benchmarks.overlap_peers import shingle
from tests.benchmarks.planted_documents import (
    make_documents,
    make_half_copies,
    measure_likeness,
    replace_words,
    split_words,
)
from tests.benchmarks.test_bench_contamination import PROBLEMS


def _make_texts(count):
    rng = random.Random(2)
    words = ["".join(rng.choices("abcdefghij", k=5)) for _ in range(3000)]
    return [" ".join(rng.choices(words, k=250)) for _ in range(count)]


def test_copies_are_found_and_others_are_not():
    documents = make_documents(_make_texts(24), random.Random(1))
    bases = sum(document.kind == "base" for document in documents)
    assert bases > 8
    assert len(documents) == 2 * bases
    found = show_documents([documents])
    assert [found[f"{rate}% of words replaced"][0] for rate in (0, 1)] == [
        found[f"{rate}% of words replaced"][1] for rate in (0, 1)
    ]
    assert found["wrong"][0] == 0
    show_half_copies(make_half_copies(documents[:bases], random.Random(1)))


def test_other_problems_are_not_called_alike(capsys):
    counts = show_prompts(PROBLEMS, random.Random(1))
    assert counts["in full"] == (3, 3)
    assert all(alike == 0 for kind, (alike, _) in counts.items() if kind.startswith("other: "))
    assert sum(of for kind, (_, of) in counts.items() if kind.startswith("other: ")) >= 8
    assert "the same: 3 of 3" in capsys.readouterr().out


@pytest.mark.parametrize("kind", OTHER_PROBLEMS)
def test_another_problem_differs_in_one_place(kind):
    rng = random.Random(4)
    for problem in PROBLEMS:
        asked = give_options(problem, rng) if kind == "an option" else problem
        other = OTHER_PROBLEMS[kind](asked, rng)
        assert other is None or 0.5 < measure_likeness(asked, other) < 1 or len(split_words(asked)) < 40


def test_so_many_words_are_replaced():
    text = _make_texts(1)[0]
    other = replace_words(text, 0.1, ["zzz"], random.Random(1))
    assert split_words(other).count("zzz") == 25
    assert measure_likeness(text, text) == 1
    assert measure_likeness(text, other) < 0.6


def test_many_documents_are_signed_and_compared():
    assert list(make_short_documents(300)) == list(make_short_documents(300))
    assert measure_scale(300, batch=100) >= 14  # one in twenty is a copy
    assert shingle("One two three, four five six") == ["one two three four five", "two three four five six"]
