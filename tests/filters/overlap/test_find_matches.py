"""What stands of a problem in a text is found as a plain reading of both would find it, however the text is set."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.overlap.find_matches import find_matches
from filters.overlap.match_rules import WHOLE_WORDS, MatchRules
from filters.overlap.problem_index import COMMON_PROBLEMS, ProblemIndex, build_index

PLANE = "A plane travels 1200 miles in 3 hours. At the same rate, how many additional hours would it take to travel an additional 2000 miles?"
ROOTS = r"Let $a$ and $b$ be the roots of $x^2 - \frac{3}{4}x + 1{,}000 = 0$. Find the value of $\left(a + b\right) \cdot \pi$ as a decimal."
PEARS = "Anna has 3 pears. She buys 12 more pears from Bob, and then Anna gives 5 of all her pears to Carl, her brother. How many pears has she left?"
CHINESE = "小明有３盒茶叶，每盒有12克，他又买了5盒同样的茶叶，一共有多少克茶叶？"
PROBLEMS = [PLANE, ROOTS, PEARS, CHINESE]


def find(text, *problems, **rules):
    index = build_index(problems, [0] * len(problems), MatchRules(**rules))
    return find_matches(index, [text])[0]


LETTERS = st.sampled_from([f"w{letter}" for letter in "abcdef"])
TEXTS = st.lists(LETTERS, max_size=14)


def refer(problem, text, n, coverage):
    """The rule, read plainly: (kind, share) of a problem in a text; there are no signs, and no run is common."""
    within = any(text[at : at + len(problem)] == problem for at in range(len(text) - len(problem) + 1))
    if problem and (within if len(problem) >= WHOLE_WORDS else text == problem):
        return "exact", 1.0
    if len(problem) < n:
        return None
    grams = {tuple(problem[at : at + n]) for at in range(len(problem) - n + 1)}
    there = {tuple(text[at : at + n]) for at in range(len(text) - n + 1)}
    share = len(grams & there) / len(grams)
    return ("overlap", share) if share >= coverage - 1e-9 else None


@settings(max_examples=200)
@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.lists(TEXTS, min_size=1, max_size=4),
    st.integers(2, 7),
    st.sampled_from((0.25, 0.5, 0.7, 1.0)),
)
def test_the_best_match_is_that_of_a_plain_reading(problems, texts, n, coverage):
    index = build_index(
        [" ".join(p) for p in problems], [0] * len(problems), MatchRules(ngram=n, coverage=coverage)
    )
    found = find_matches(index, [" ".join(text) for text in texts])
    for text, match in zip(texts, found, strict=True):
        wanted = [refer(problem, text, n, coverage) for problem in problems]
        best = max((share for _, share in filter(None, wanted)), default=None)
        assert (match is None) == (best is None)
        if match is not None:
            assert match.coverage == pytest.approx(best)
            assert wanted[match.problem] == (match.kind, pytest.approx(match.coverage))


@given(st.data())
def test_a_run_of_a_problems_words_is_found_where_it_covers_enough(data):
    words = PEARS.split()
    begin = data.draw(st.integers(0, len(words) - 1))
    size = data.draw(st.integers(1, len(words) - begin))
    match = find("Here it is, then: " + " ".join(words[begin : begin + size]) + " Is that so?", *PROBLEMS)
    share = max(0, size - 7) / (len(words) - 7)
    assert (match is not None) == (share >= 0.5)
    assert match is None or (match.problem == 2 and match.coverage == pytest.approx(share))


SETTINGS = (
    lambda text: text.upper(),
    lambda text: text.replace(" ", "\n  "),
    lambda text: re.sub(r"(?<![\d{])[.,?](?!\d)", "", text),
    lambda text: text.replace("$", " ").replace(r"\cdot", "*").replace(r"\left", "").replace(r"\right", ""),
    lambda text: text.replace("1{,}000", "1,000").replace(r"\frac{3}{4}", "3/4").replace(r"\pi", "π"),
    lambda text: text.replace("３", "3").replace("，", ", ").replace("-", "−"),
    lambda text: text.replace("e", "é").replace("o", "o\u200b"),
)


@given(st.sampled_from(PROBLEMS), st.sets(st.sampled_from(SETTINGS)), st.sampled_from(("", "Solve this:\n")))
def test_how_a_text_is_set_makes_no_difference(problem, changes, before):
    text = problem
    for change in SETTINGS:
        text = (
            change(text) if change in changes and not (change is SETTINGS[0] and problem is ROOTS) else text
        )
    match = find(before + text, *PROBLEMS)
    assert (PROBLEMS[match.problem], match.kind) == (problem, "exact")


@settings(max_examples=50)
@given(
    st.permutations(PROBLEMS),
    st.lists(st.sampled_from([*PROBLEMS, "", "?", PLANE[:60], PEARS * 2]), max_size=6),
)
def test_a_text_alone_and_among_others_and_problems_in_any_order(order, texts):
    def say(problems, found):
        return [
            None if one is None else (problems[one.problem], one.kind, one.coverage, one.span)
            for one in found
        ]

    index, other = (build_index(some, range(len(some)), MatchRules()) for some in (PROBLEMS, order))
    together = say(PROBLEMS, find_matches(index, texts))
    assert together == [say(PROBLEMS, find_matches(index, [text]))[0] for text in texts]
    assert together == say(order, find_matches(other, texts))


SHORT = [
    ("What is 2+3?", "what is 2 + 3", True),
    ("What is 2+3?", "What is 2-3?", False),
    ("What is 2+3?", "Solve: What is 2+3?", False),  # of four words: it may be anything
    ("What is 2+3?", "Solve.\nWhat is $2 + 3$?\nPut it in a box.", True),
    ("What is 2+3?", "Solve.\nWhat is 2-3?\nPut it in a box.", False),
    ("What is -3?", "Solve.\nWhat is 3?\nPut it in a box.", False),
    ("What is 6/3?", r"What is $\frac{6}{3}$?", True),
    ("What is 6/3?", "What is 6*3?", False),
    ("Solve x < 3 for x.", r"Solve $x \lt 3$ for $x$", True),
    ("Solve x < 3 for x.", "Solve x > 3 for x.", False),
    ("Find the sum of x² + 1.", "Find the sum of $x^2 + 1$. Put the answer in a box.", True),
    ("Find the sum of x² + 1.", "Find the sum of $x^2 - 1$. Put the answer in a box.", False),
    ("What is the two-digit root of 6-5?", "What is the two digit root of 6 − 5?", True),
    ("What is the value of 9-8+7 in the end?", "What is the value of 9+8-7 in the end?", False),
    (
        "What is the value of 9-8+7 in the end?",
        "Now, what is the value of 9 - 8 + 7 in the end? Say it.",
        True,
    ),
    ("-5", "5", False),
    ("20%", "20", False),
]


@pytest.mark.parametrize(("problem", "text", "found"), SHORT)
def test_a_short_problem_is_found_whole_and_with_its_signs(problem, text, found):
    assert (find(text, problem) is not None) == found


def test_what_many_problems_of_a_benchmark_share_is_no_match():
    asks = " Express your answer as a common fraction in its lowest terms, with no spaces before or after it, and put it in a box."
    problems = [
        f"Thing {n} costs {n + 7} more than number {n * n} does{asks}" for n in range(COMMON_PROBLEMS)
    ]
    assert find("What is one half of one third?" + asks, *problems) is None
    assert find(problems[4], *problems).problem == 4
    assert find("What is one half of one third?" + asks, *problems[:-1]) is not None
    # Of a benchmark that repeats one problem it is that problem's own.
    assert find(PLANE, *[PLANE] * 30).problem == 0


def test_what_a_benchmark_puts_around_each_problem_is_no_part_of_it():
    around = " ".join(f"instruct{number}" for number in range(60))
    others = [f"{around} " + " ".join(f"p{n}w{at}" for at in range(20)) for n in range(2 * COMMON_PROBLEMS)]
    match = find(f"Say this: {PEARS}", *others, f"{around} {PEARS}")
    assert match is not None and (match.problem, match.kind) == (len(others), "overlap")
    assert 0.5 < match.coverage < 1
    assert find(around, *others, f"{around} {PEARS}") is None


def test_numbers_and_names_are_masked_where_asked():
    other = (
        PEARS.replace("3", "44")
        .replace("12", "1.5")
        .replace("5", "9")
        .replace("Anna", "Zoë")
        .replace("Carl", "Dan")
    )
    assert find(other, *PROBLEMS) is None
    match = find(other, *PROBLEMS, masked_coverage=0.6)
    assert (match.problem, match.kind, match.coverage) == (2, "reworded", 1.0)
    assert find("Tom has 4 cats and 3 dogs, and Ann has 5 of 6 cats.", *PROBLEMS, masked_coverage=0.6) is None


def test_the_papers_rule_asks_for_one_run_of_ten_words():
    words = PEARS.split()
    assert find(" ".join(words[4:13]), *PROBLEMS, rule="paper") is None
    assert find(" ".join(words[4:14]), *PROBLEMS, rule="paper").kind == "paper"
    assert find("What is 2+3?", "What is 2+3?", rule="paper") is None


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_an_index_is_its_arrays(problems, text):
    texts, rules = [" ".join(problem) for problem in problems], MatchRules(ngram=3, masked_coverage=0.5)
    index = build_index(texts, [0] * len(texts), rules)
    again = ProblemIndex.from_arrays(texts, rules, index.to_arrays())
    assert find_matches(again, [" ".join(text)]) == find_matches(index, [" ".join(text)])


@settings(deadline=None)  # the first text of a process waits for tables
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_compared(problem, text):
    rules = MatchRules(ngram=2, masked_coverage=0.5)
    index = build_index([problem], [0], rules)
    for match in find_matches(index, [text, problem + text]):
        if match is not None:
            assert 0 <= match.span[0] < match.span[1] <= len(problem + text)
