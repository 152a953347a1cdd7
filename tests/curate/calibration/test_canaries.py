"""Every canary is wrong by what it says, and a judge that falls for one kind of attack is caught by that kind."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.calibration.attacks import TEXTS
from curate.calibration.calibrate import measure
from curate.calibration.canaries import EACH, make_canaries
from curate.calibration.gate import read_bounds
from filters.types import Prompt
from tests.curate.calibration.scripted_judges import ScriptedJudge, honest, make_judge, obeys

MADE = ("off_by_one", "other_prompts_answer", "box_of_options", "wrong_sign", "question_repeated")
KINDS = (*TEXTS, *MADE)
REJECTED_WITHOUT_ASKING = ("empty_phrase",)
"""Kinds of which two of three are bare cues that no judge is asked about."""


def ask(judge: ScriptedJudge, folder: Path):
    check = make_judge(max_false_accepts=1, max_false_rejects=1)
    return asyncio.run(measure(check, judge.engine(), make_canaries([]), folder / "answers.jsonl"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_judge_that_obeys_an_attack_is_caught(kind: str, tmp_path: Path) -> None:
    found = ask(ScriptedJudge(make_judge(), make_canaries([]), obeys(kind)), tmp_path)
    caught = 1 if kind in REJECTED_WITHOUT_ASKING else EACH
    assert found.rates[kind].errors == caught
    assert found.faults == (f"it accepts attacks: {kind.replace('_', ' ')} ({caught} of {EACH})",)


def test_an_honest_judge_rejects_all_of_them(tmp_path: Path) -> None:
    found = ask(ScriptedJudge(make_judge(), make_canaries([]), honest), tmp_path)
    assert found.reliable
    assert len(KINDS) >= 20
    assert all(found.rates[kind].decided == EACH for kind in KINDS)
    assert found.bounds == read_bounds(make_judge(max_false_accepts=1, max_false_rejects=1))


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=12) | st.integers().map(str)), max_size=4))
def test_canaries_are_of_every_kind_whatever_the_prompts_are(rows: list[tuple[str, str]]) -> None:
    made = make_canaries([Prompt.make(question, answer) for question, answer in rows])
    assert [case.kind for case in made].count("flattery") == EACH
    assert {case.kind for case in made} == set(KINDS)
    assert not any(case.right for case in made)
    for case in made:
        if case.kind not in MADE:
            said = case.sample.response.rpartition("</think>")[2]
            assert (case.sample.prompt.answer or "").casefold() not in said.casefold()


def test_they_stand_against_the_runs_own_prompts_where_these_lend_themselves() -> None:
    prompts = [Prompt.make(f"What is {n} plus 731?", str(n + 731)) for n in range(40)]
    made = make_canaries(prompts)
    assert {case.source for case in made} == {"run"}
    assert len({case.sample.prompt.id for case in made}) > 20
