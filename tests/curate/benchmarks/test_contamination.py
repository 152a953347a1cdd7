import json
from pathlib import Path

import pytest

from curate.benchmarks.benchmark_index import index_prompts
from curate.benchmarks.compare_prompts import find_contaminated
from curate.benchmarks.contamination import Contamination
from curate.checking.executors.local import LocalExecutor
from curate.stages.checks import ChecksOptions, list_checks
from distill.grpo.rewards import RewardSpec, require_usable
from filters.errors import UserError
from filters.registry import is_built_in, list_built_in, list_plugins, make_check
from filters.spec import make_spec, read_spec
from filters.types import Prompt, Sample
from tests.shown import shown

EGGS = "Ducks lay 16 eggs per day, and three of them are eaten for breakfast every single morning. How many are left?"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("R1CURATE_BENCHMARKS", str(tmp_path / "kept"))


@pytest.fixture
def eggs(tmp_path: Path) -> str:
    file = tmp_path / "eggs.jsonl"
    file.write_text(json.dumps({"question": EGGS}) + "\n", "utf-8")
    return str(file)


def judge(check, prompt: str, response: str = ""):
    return check.check([Sample("s", Prompt.make(prompt), response)])[0]


def test_the_reason_names_benchmark_row_share_and_place(eggs: str):
    check = Contamination(against=eggs)
    verdict = judge(check, "Please solve: " + EGGS)
    assert (verdict.ok, verdict.rule, verdict.score, verdict.span) == (False, "exact", 1.0, None)
    place = f"characters 14 to {13 + len(EGGS)} of the prompt: Ducks lay 16 eggs per day"
    assert verdict.reason.startswith(f"exact: eggs.jsonl line 1, word for word, {place}")
    part = judge(check, EGGS[:-30] + " and that is all")
    assert part.rule == "overlap" and 0.5 <= part.score < 1
    assert f"{part.score:.0%} of its 8-grams" in part.reason


def test_a_chain_is_compared_where_it_is_asked_for_with_its_place_in_the_response(eggs: str):
    response = f"<think>\nI know: {EGGS}\n</think>\n13"
    prompt = "Something else altogether"
    assert judge(Contamination(against=eggs), prompt, response).ok is True
    for of in ("chain", "both"):
        verdict = judge(Contamination(against=eggs, of=of), prompt, response)
        assert verdict.ok is False and "of the chain" in verdict.reason
        assert response[slice(*verdict.span)] == EGGS.rstrip("?")
    assert "of the prompt" in judge(Contamination(against=eggs, of="both"), EGGS, response).reason
    bare = judge(Contamination(against=eggs, of="chain"), EGGS, "So: " + EGGS)
    assert "of the response" in bare.reason and bare.span[0] == 4


@pytest.mark.parametrize(
    ("of", "prompt", "response"), [("prompt", "?!", EGGS), ("chain", EGGS, ""), ("both", "", " ")]
)
def test_where_there_are_no_words_nothing_is_said(eggs: str, of, prompt, response):
    verdict = judge(Contamination(against=eggs, of=of), prompt, response)
    assert (verdict.ok, verdict.rule) == (None, "no_text")


def test_verdicts_are_stale_with_another_content_or_option_and_not_at_another_place(
    eggs: str, tmp_path: Path
):
    one = Contamination(against=eggs).digest
    moved = tmp_path / "elsewhere" / "eggs.jsonl"
    moved.parent.mkdir()
    moved.write_text(Path(eggs).read_text())
    assert Contamination(against=[str(moved)]).digest == one
    assert Contamination(against=eggs, coverage=0.6).digest != one
    Path(eggs).write_text(json.dumps({"question": "Another one"}) + "\n")
    assert Contamination(against=eggs).digest != one


def test_benchmarks_may_be_given_in_any_order(eggs: str, tmp_path: Path):
    other = tmp_path / "more.jsonl"
    other.write_text(json.dumps({"question": EGGS + " Say it."}) + "\n")
    ways = [[eggs, str(other)], [str(other), eggs]]
    checks = [make_check("contamination", {"against": way}) for way in ways]
    assert checks[0].digest == checks[1].digest
    assert judge(checks[0], EGGS) == judge(checks[1], EGGS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "option 'against' is required"),
        ({"against": []}, "option 'against'"),
        ({"against": "x", "rule": "paper", "ngram": 9}, "leave out ngram"),
        ({"against": "x", "masked_coverage": 0.7}, "give that, too"),
        ({"against": "x", "of": "answer"}, "option 'of'"),
    ],
)
def test_options_that_say_nothing_are_refused(options, said: str):
    with pytest.raises(UserError, match=said):
        make_check("contamination", options)


def test_it_is_one_of_our_own_checks(eggs: str):
    assert (
        is_built_in("contamination")
        and "contamination" in list_built_in()
        and "contamination" not in list_plugins()
    )
    assert "installed packages" not in shown(list_checks(ChecksOptions()))
    spec = make_spec(f"contamination:against=[{eggs}],of=both")
    assert spec.build().reads_response and make_check("math_answer").reads_response
    assert spec.build().own_code is None


def test_it_runs_in_worker_processes(eggs: str):
    samples = [Sample(str(n), Prompt.make(text), "") for n, text in enumerate((EGGS, "Hello there"))]
    with LocalExecutor([make_spec({"contamination": {"against": eggs}})], workers=1) as pool:
        found = pool.submit(samples).result()["contamination"]
    assert [verdict.ok for verdict in found] == [False, True]


def test_what_judges_prompts_alone_is_no_reward(eggs: str):
    rewards = [RewardSpec(**read_spec(one)) for one in ("math_answer", {"contamination": {"against": eggs}})]
    with pytest.raises(UserError, match="all responses would earn the same"):
        require_usable(rewards, general=False)


def test_prompts_are_compared_as_they_come(eggs: str):
    prompts = [Prompt.make("Hello"), Prompt.make("Now: " + EGGS), Prompt.make("Bye")]
    (found,) = find_contaminated(iter(prompts), [eggs])
    assert (found.number, found.prompt, str(found.problem)) == (1, prompts[1], "eggs.jsonl line 1")
    index = index_prompts([Prompt.make(EGGS, source_id="q1")], "aime")
    (again,) = find_contaminated(prompts, index)
    assert str(again.problem) == "aime prompt 1 (id q1)" and again.match.kind == "exact"
