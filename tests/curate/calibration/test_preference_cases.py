"""The cases that checks of preferences are tried with: pairs that hang on content alone, and each pair by itself where it must."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.calibration.cases import LABEL
from curate.calibration.preference_cases import ORIGINALS, make_preference_cases
from curate.calibration.preference_pairs import digest_pairs, find_pairs, read_bundled_pairs, read_pairs
from curate.calibration.twins import EMPTY, ORDERS, OTHER_PROMPT, TWINS
from filters.errors import UserError
from filters.judges.criteria import CRITERIA
from filters.registry import make_check
from filters.types import Prompt, Sample

ENGINE = {"kind": "scripted", "model": "x"}
RUBRIC = make_check("rubric", {"engine": ENGINE})
PAIRWISE = make_check("preference", {"engine": ENGINE})
REPLIES = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from(["Plain.", "<think>\nhm\n</think>\n\nAn answer.", "<think>open", "", "答案是四。"]),
    ),
    max_size=40,
)


def make_samples(replies):
    return [
        Sample(f"s{n}", Prompt.make(f"Question {asked}"), text, n) for n, (asked, text) in enumerate(replies)
    ]


def test_the_bundled_pairs_are_enough_and_each_says_something():
    pairs = read_bundled_pairs()
    assert len({pair.prompt for pair in pairs}) == len(pairs)
    assert all(
        pair.good.strip() and pair.bad.strip() and pair.good != pair.bad and pair.kind for pair in pairs
    )
    counts = Counter(pair.criterion for pair in pairs)
    assert set(counts) == set(CRITERIA)
    assert (
        counts["helpfulness"] >= 120 and counts["harmlessness"] >= 73
    )  # fewer could not prove a rate under 5%
    languages = Counter(pair.language for pair in pairs)
    assert languages["en"] >= 80 and languages["zh"] >= 50 and len(languages) >= 12


@settings(max_examples=10, deadline=None)
@given(REPLIES, st.randoms(use_true_random=False))
def test_cases_hang_on_content_alone_and_come_in_pairs(replies, rng):
    samples = make_samples(replies)
    cases = make_preference_cases(RUBRIC, samples)
    shuffled = rng.sample(samples, len(samples))
    assert make_preference_cases(RUBRIC, shuffled) == cases
    for better, worse in zip(cases[::2], cases[1::2], strict=True):
        assert (better.right, worse.right) == (True, False)
        assert (better.kind, better.source, better.sample.prompt) == (
            worse.kind,
            worse.source,
            worse.sample.prompt,
        )
        assert better.sample.response != worse.sample.response
        assert (
            worse.twin in {better.sample.id} if worse.kind != ORDERS else {case.sample.id for case in cases}
        )
    texts = {case.sample.id: (case.sample.prompt.id, case.sample.response) for case in cases}
    assert len(set(texts.values())) == len(texts)
    assert Counter(case.kind for case in cases)[TWINS[0]] == 2 * ORIGINALS


def test_a_check_that_compares_gets_each_pair_as_a_prompt_of_its_own():
    cases = make_preference_cases(PAIRWISE, make_samples([(n % 7, f"Reply {n}") for n in range(20)]))
    held = Counter(case.sample.prompt.id for case in cases)
    assert set(held.values()) == {2}
    ids = {case.sample.id for case in cases}
    assert all(case.twin in ids for case in cases if not case.right)


def test_versions_change_only_what_follows_the_chain():
    samples = make_samples([(n, f"<think>\nsecret {n}\n</think>\n\nReply {n}") for n in range(ORIGINALS)])
    cases = make_preference_cases(RUBRIC, samples)
    own = [case for case in cases if case.source == "run"]
    assert {case.kind for case in own} == {*TWINS, EMPTY, OTHER_PROMPT}
    for case in own:
        head, _, rest = case.sample.response.partition("</think>\n\n")
        assert head.startswith("<think>\nsecret")
        assert case.kind not in TWINS or "Reply" in rest
        assert case.kind != OTHER_PROMPT or case.right or rest != f"Reply {head.split()[-1]}"


def test_harmlessness_knows_only_its_own_faults():
    check = make_check("rubric", {"engine": ENGINE, "rubric": "harmlessness"})
    assert {case.kind for case in make_preference_cases(check)} == {LABEL, ORDERS, *TWINS}
    whole = make_check("reward_model", {"model": "x", "part": "whole"})
    assert {pair.criterion for pair in find_pairs(whole)} == {"harmlessness"}


def test_pairs_of_ones_own_take_the_bundled_ones_place(tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text('{"prompt": "Rhyme on cat.", "good": "hat", "bad": "dog"}\n')
    check = make_check("rubric", {"engine": ENGINE, "rubric": "Does it rhyme?", "pairs": str(file)})
    cases = make_preference_cases(check)
    assert {case.source for case in cases if case.kind == LABEL} == {"pairs"}
    assert {case.sample.prompt.text for case in cases} == {"Rhyme on cat."}
    before = digest_pairs(check)
    file.write_text('{"prompt": "Rhyme on cat.", "good": "bat", "bad": "dog"}\n')
    assert digest_pairs(check) != before
    assert make_preference_cases(make_check("rubric", {"engine": ENGINE, "rubric": "Does it rhyme?"})) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"prompt": "p", "good": "g"}', "line 1: there is no column 'bad'"),
        ('{"prompt": "p", "good": "g", "bad": 3}', "line 1: 'bad' is no text"),
        ('{"prompt": "p", "good": "g", "bad": " g"}', "line 1: a pair needs a prompt, and a worse response"),
        ('{"prompt": " ", "good": "g", "bad": "b"}', "line 1: a pair needs a prompt"),
    ],
)
def test_a_row_that_is_no_pair_is_refused_with_its_place(tmp_path, line, said):
    file = tmp_path / "mine.jsonl"
    file.write_text(f"{line}\n")
    with pytest.raises(UserError, match=said):
        read_pairs(file)
    with pytest.raises(UserError):
        read_pairs(tmp_path / "nowhere.jsonl")
