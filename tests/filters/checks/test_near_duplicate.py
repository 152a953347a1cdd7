import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from filters.checks.near_duplicate import ROW, NearDuplicate
from filters.set_check import SignedSamples
from filters.types import Prompt, Sample

LONG = "Anna walks along the old river road to the market with {} baskets of ripe fruit and sells {} of them there"


def make_sample(key, prompt, response="", source="", row="", system=""):
    messages = [{"role": "system", "content": system}] * bool(system) + [{"role": "user", "content": prompt}]
    return Sample(key, Prompt.make(messages, source_id=row, source=source), response)


def judge(check, samples, verified=(), kept=()):
    """What `filter` gives, without a run. kept: samples of an index."""
    every = [*kept, *samples]
    signed = [one.signature for one in check.check(every)]
    about = pl.DataFrame(
        {
            "sample_id": [one.id for one in every],
            "row_id": [one.prompt.source_id for one in every],
            "row_source": [one.prompt.source for one in every],
            "verified": [one.id in verified for one in every],
            "is_kept": [True] * len(kept) + [False] * len(samples),
        }
    )
    bytes_ = np.frombuffer(b"".join(signed), np.uint8).reshape(len(every), ROW.itemsize)
    return check.judge_set(SignedSamples(bytes_, about))


def test_a_problem_that_differs_in_a_number_stays_and_one_in_other_words_gives_way():
    found = judge(
        NearDuplicate(),
        [
            make_sample("a", LONG.format(3, 2), source="x", row="17"),
            make_sample("b", LONG.format(4, 2), source="x"),
            make_sample("c", f"Please find: {LONG.format(3, 2)}", source="y"),
            make_sample("d", f"  {LONG.format(3, 2)} ", source="z"),
        ],
    )
    assert [one.ok for one in found] == [True, True, False, False]
    assert found[0].reason == "stays: cluster of 3" and found[1].reason == ""
    assert found[2].reason.startswith("near: like a (row 17), 0.") and found[2].reason.endswith(
        ", cluster of 3"
    )
    assert found[3].reason == "exact: like a (row 17), the same text, cluster of 3"
    assert 0.65 <= found[2].score < 1 and found[3].score == 1


def test_samples_of_one_prompt_are_no_duplicates_where_prompts_are_compared():
    samples = [make_sample(key, LONG.format(3, 2), "the same") for key in "abc"]
    assert [one.ok for one in judge(NearDuplicate(), samples)] == [True] * 3
    assert [one.ok for one in judge(NearDuplicate(of="response"), samples)] == [True, False, False]


def test_what_the_system_is_told_makes_no_other_problem():
    one = make_sample("a", LONG.format(3, 2), source="x")
    other = make_sample("b", LONG.format(3, 2) + " ", source="y", system="Think. Put 1 answer into a box.")
    assert [one.ok for one in judge(NearDuplicate(), [one, other])] == [True, False]


def test_the_same_text_told_beside_another_system_turn_or_answer_gives_way_as_any_other():
    asked = [make_sample("a", LONG.format(3, 2)), make_sample("b", LONG.format(3, 2), system="Be brief.")]
    asked.append(Sample("c", Prompt.make(LONG.format(3, 2), answer="5"), ""))
    found = judge(NearDuplicate(), asked)
    assert [one.ok for one in found].count(True) == 1
    assert {one.rule for one in found} == {"stays", "exact"}


def test_of_a_short_prompt_it_matters_what_the_system_was_told_and_who_said_what():
    told = [make_sample("a", "Go.", system="Add 2 to 3."), make_sample("b", "Go.", system="Take 2 from 3.")]
    assert [one.ok for one in judge(NearDuplicate(), told)] == [True, True]
    turns = [("user", LONG.format(3, 2)), ("assistant", "Well?"), ("user", "Say it again.")]
    asked = [
        Sample(key, Prompt.make([{"role": role, "content": text} for role, text in zip(roles, said, strict=True)]), "")
        for key, roles, said in (
            ("a", [role for role, _ in turns], [text for _, text in turns]),
            ("b", ["user", "user", "user"], [text for _, text in turns]),
        )
    ]  # fmt: skip
    assert [one.ok for one in judge(NearDuplicate(), asked)] == [True, True]


def test_short_responses_are_alike_only_where_they_are_the_same_text():
    given = ["x = 5", "x = -5", "x  = 5", "(a + b) * c", "a + b * c"]
    found = judge(
        NearDuplicate(of="response"), [make_sample(str(n), f"q{n}", t) for n, t in enumerate(given)]
    )
    assert [one.ok for one in found].count(False) == 1
    assert found[1].ok and found[3].ok and found[4].ok


def test_short_prompts_are_alike_only_word_for_word():
    asked = [
        "Find the equation of the line.",
        "Find the equation of the ellipse.",
        "find the equation of the line",
    ]
    found = judge(NearDuplicate(), [make_sample(key, text) for key, text in zip("abc", asked, strict=True)])
    assert sorted(str(one.ok) for one in found) == ["False", "True", "True"] and found[1].ok


WAYS = [("first_source", "b"), ("most_samples", "c"), ("verified", "d")]


@pytest.mark.parametrize(("stays", "expected"), WAYS)
def test_who_stays_is_a_rule(stays, expected):
    asked = [f"{word} {LONG.format(3, 2)}" for word in ("Find:", "Compute:", "Determine:", "Evaluate:")]
    samples = [
        make_sample("a", asked[0]),
        make_sample("b", asked[1], source="alpha"),
        make_sample("c", asked[2], "1", source="beta"),
        make_sample("c2", asked[2], "2", source="beta"),
        make_sample("d", asked[3], source="gamma"),
    ]
    found = judge(NearDuplicate(stays=stays), samples, verified={"d"})
    staying = {one.id[0] for one, verdict in zip(samples, found, strict=True) if verdict.ok}
    assert staying == {expected}


def test_what_is_like_a_text_of_the_index_gives_way_to_it():
    kept = [make_sample("old", LONG.format(3, 2), row="5"), make_sample("old2", LONG.format(3, 2) + " ")]
    new = [make_sample("a", LONG.format(3, 2), source="a"), make_sample("b", LONG.format(9, 2), source="a")]
    found = judge(NearDuplicate(against="somewhere"), new, kept=kept)
    assert [one.ok for one in found] == [False, True]
    assert found[0].reason.startswith("exact: like old") and "of the index" in found[0].reason


def make_set(seed):
    drawn = random.Random(seed)
    texts = [
        " ".join(drawn.choice("abcdefghij") * 4 + str(drawn.randrange(99)) for _ in range(30))
        for _ in range(5)
    ]
    samples = []
    for number in range(25):
        words = drawn.choice(texts).split()
        if drawn.random() < 0.7:
            words[drawn.randrange(30)] = "other"
        samples.append(make_sample(f"s{number}", "q", " ".join(words), drawn.choice(["", "x", "y"])))
    return samples


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([stays for stays, _ in WAYS]), st.data())
def test_the_order_makes_no_difference_and_who_gives_way_is_like_one_that_stays(seed, stays, data):
    samples, check = make_set(seed), NearDuplicate(of="response", stays=stays)
    found = {one.id: verdict for one, verdict in zip(samples, judge(check, samples), strict=True)}
    shuffled = data.draw(st.permutations(samples))
    again = {one.id: verdict for one, verdict in zip(shuffled, judge(check, shuffled), strict=True)}
    assert again == found
    for verdict in found.values():
        if not verdict.ok:
            stay = verdict.reason.split("like ")[1].split(",")[0].split(" ")[0]
            assert found[stay].ok and found[stay].reason.startswith("stays: cluster of ")
            assert verdict.score >= check.likeness


def test_only_what_is_compared_decides_what_a_signature_is():
    plain = NearDuplicate()
    assert NearDuplicate(likeness=0.8, stays="verified", against="x").signing_digest == plain.signing_digest
    assert NearDuplicate(of="response").signing_digest != plain.signing_digest
    assert NearDuplicate(likeness=0.8).digest != plain.digest
    assert plain.reads_prompt and not plain.reads_response
    assert not NearDuplicate(of="response").reads_prompt and NearDuplicate(of="response").reads_response
    with pytest.raises(ValidationError):
        NearDuplicate(likeness=0.2)
