import pytest

from distill.grpo.rewards import Rewards, RewardSpec, require_usable
from distill.grpo.schedule import plan_steps
from filters.check import EngineCheck
from filters.errors import UserError
from filters.types import Prompt, Sample
from tests.walls import require_walls

HERE = "tests.curate.checking.checks_for_tests"
QUESTION = Prompt.make("What is 2+3?", "5", language="en")
GREETING = Prompt.make("Hello!")


def samples(*responses, prompt=QUESTION):
    return [Sample(str(index), prompt, text, index) for index, text in enumerate(responses)]


def reward(*written):
    from pydantic import TypeAdapter

    from distill.grpo.rewards import Reward

    return require_usable(TypeAdapter(tuple[Reward, ...]).validate_python(written), general=False)


def test_a_reward_is_written_as_a_check_with_its_weight_and_prompts():
    plain, weighted, apart = reward(
        "math_answer",
        "language_share:weight=0.5,least=0.8",
        {"check": "format", "weight": 2, "prompts": "all"},
    )
    assert (plain.label, plain.weight, plain.prompts) == ("math_answer", 1.0, "reasoning")
    assert (weighted.options, weighted.weight) == ({"least": 0.8}, 0.5)
    assert (apart.label, apart.weight, apart.prompts) == ("format", 2.0, "all")
    assert apart.build().name == "format"


def test_scores_of_checks_that_grade_and_ok_of_others_are_weighted_and_added():
    rewards = Rewards(reward("math_answer", "format:weight=0.5", "language_share:weight=2"), workers=1)
    good = "<think>two and three are five</think>The answer is \\boxed{5}."
    half = "<think>two and three. 二加三等于五,这就是答案。</think>The answer is \\boxed{4}."
    one, other = rewards.compute(samples(good, half), [False, False])
    rewards.close()
    assert one.total == pytest.approx(1 + 0.5 + 2)
    share = other.verdicts["language_share"].score
    assert 0 < share < 1
    assert other.values == {"math_answer": 0.0, "format": 1.0, "language_share": share}
    assert other.total == pytest.approx(0.5 + 2 * share)


def test_what_one_check_cannot_decide_earns_nothing_not_zero():
    rewards = Rewards(reward(f"{HERE}:Moody", "format"), workers=1)
    earned = rewards.compute(samples("fine", "unsure", "raise", "die", "bad"), [False] * 5)
    rewards.close()
    assert [one.total for one in earned] == [1.0, None, None, None, 0.0]
    assert earned[3].verdicts["moody"].rule == "crashed"
    assert [one.values["format"] for one in earned] == [0.0] * 5


def test_a_hanging_answer_costs_itself_alone(monkeypatch):
    monkeypatch.setattr("curate.checking.executors.local.BATCH_LIMIT_S", 2.0)
    monkeypatch.setattr("filters.check.LONGEST_S", 3.0)
    rewards = Rewards(reward(f"{HERE}:Moody"), workers=1)
    earned = rewards.compute(samples("fine", "hang", "bad"), [False] * 3)
    rewards.close()
    assert [one.total for one in earned] == [1.0, None, 0.0]
    assert earned[1].verdicts["moody"].rule == "timeout"


class Kind(EngineCheck):
    """Asks a model whether a response is kind."""

    async def ask(self, batch, engine):
        from filters.engine import Request, SamplingOptions
        from filters.types import Verdict

        said = [
            await engine.complete(Request([{"role": "user", "content": s.response}], SamplingOptions(), 0))
            for s in batch
        ]
        return [Verdict(made.text == "kind") for made in said]


def test_each_kind_of_prompt_has_its_own_rewards_and_models_answer_from_a_thread(tmp_path):
    script = '{"prompt": "Hello!", "responses": [{"text": "kind"}]}\n{"prompt": "*", "responses": [{"text": "no"}]}\n'
    (tmp_path / "script.jsonl").write_text(script)
    engine = {"kind": "scripted", "model": str(tmp_path / "script.jsonl")}
    specs = (
        RewardSpec(check="math_answer", label="math_answer"),
        RewardSpec(
            check=f"{__name__}:Kind", label="kind", options={"engine": engine}, weight=0.5, prompts="general"
        ),
    )
    rewards = Rewards(require_usable(specs, general=True), workers=1)
    asked = [*samples("\\boxed{5}"), *samples("Hello!", "Go away!", prompt=GREETING)]
    earned = rewards.compute(asked, [False, True, True])
    again = rewards.compute(asked[1:], [True, True])
    rewards.close()
    assert [one.values for one in earned] == [{"math_answer": 1.0}, {"kind": 1.0}, {"kind": 0.0}]
    assert [one.total for one in [*earned, *again]] == [1.0, 0.5, 0.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("written", "general", "said"),
    [
        (["agreement"], False, "'agreement' judges several samples at once"),
        (
            ["near_duplicate"],
            False,
            "'near_duplicate' judges several samples at once and cannot be a reward.",
        ),
        ([{"check": "format", "prompts": "general"}], True, "No reward applies to reasoning prompts"),
        (["math_answer"], True, "no reward applies to them"),
        (["math_answer", "format:prompts=general"], False, "there are none"),
        (["math_anser"], False, "did you mean 'math_answer'"),
        (["format:weigth=2"], False, "weigth"),
        ([{"check": "format", "after": "math_answer"}], False, "cannot wait for another check"),
    ],
)
def test_rewards_that_cannot_be_given_are_refused(written, general, said):
    with pytest.raises(UserError, match=said):
        require_usable(reward(*written), general)


def test_every_prompt_comes_once_before_any_comes_again():
    steps = plan_steps(10, 0, steps=5, prompts_per_step=4, seed=1)
    drawn = [number for step in steps for number in step]
    assert sorted(drawn[:10]) == sorted(drawn[10:]) == list(range(10))
    assert drawn[:10] != drawn[10:]
    assert steps == plan_steps(10, 0, steps=5, prompts_per_step=4, seed=1)
    assert steps != plan_steps(10, 0, steps=5, prompts_per_step=4, seed=2)


def test_general_prompts_join_in_the_last_steps_alone():
    steps = plan_steps(10, 3, steps=5, prompts_per_step=4, share=0.5, last_steps=2, seed=1)
    assert [sum(number >= 10 for number in step) for step in steps] == [0, 0, 0, 2, 2]
    always = plan_steps(10, 3, steps=5, prompts_per_step=4, share=0.25, seed=1)
    assert [sum(number >= 10 for number in step) for step in always] == [1] * 5


def test_a_share_that_rounds_to_nothing_or_to_all_is_one_prompt_at_least():
    for share, wanted in ((0.01, 1), (0.99, 3)):
        steps = plan_steps(10, 3, steps=2, prompts_per_step=4, share=share, seed=1)
        assert [sum(number >= 10 for number in step) for step in steps] == [wanted] * 2


def test_the_last_rollout_is_filled_and_general_prompts_still_join_in_time():
    steps = plan_steps(10, 3, steps=5, prompts_per_step=4, share=0.5, last_steps=1, seed=1, rollout_steps=2)
    assert [sum(number >= 10 for number in step) for step in steps] == [0, 0, 0, 0, 2, 2]
    assert len(plan_steps(10, 0, steps=2, prompts_per_step=4, seed=1, rollout_steps=4)) == 4


TESTS = {"inputs": ["1 2\n"], "outputs": ["3\n"]}
PROGRAM = "<think>\nadd them\n</think>\n```python\nprint(sum(map(int, input().split())))\n```"


@pytest.fixture
def walls():
    require_walls()


def test_a_verifier_that_a_prompt_has_nothing_for_does_not_count(walls):
    rewards = Rewards(reward("math_answer", "code_tests", "format:weight=0.5"), workers=1)
    coding = Prompt.make("Add two numbers.", extra={"tests": TESTS})
    math = "<think>\ntwo and three\n</think>\nIt is \\boxed{5}."
    given = [
        *samples(math),
        *samples(PROGRAM, PROGRAM.replace("sum", "max"), prompt=coding),
        *samples("x", prompt=GREETING),
    ]
    earned = rewards.compute(given, [False] * 4)
    rewards.close()
    assert [one.total for one in earned] == [1.5, 1.5, 0.5, None]
    assert [sorted(one.values) for one in earned[:2]] == [["format", "math_answer"], ["code_tests", "format"]]
    assert rewards.correctness_labels == ["math_answer", "code_tests"]


def test_a_thousand_programs_are_rewarded_beside_torch(walls):
    import torch  # its threads, and what it holds, are there when the workers' processes start

    assert torch.ones(64, 64).mm(torch.ones(64, 64)).sum() == 64**3
    rewards = Rewards(reward("code_tests"), workers=2)
    prompts = [
        Prompt.make(f"Add {n}.", extra={"tests": {"inputs": [f"{n + 1} 2\n"], "outputs": [f"{n + 3}\n"]}})
        for n in range(64)
    ]
    given = [
        Sample(f"{n}-{k}", prompt, PROGRAM if k % 2 else PROGRAM.replace("sum", "max"), k)
        for n, prompt in enumerate(prompts)
        for k in range(16)
    ]
    earned = rewards.compute(given, [False] * len(given))
    rewards.close()
    assert [one.total for one in earned] == [float(k % 2) for _ in prompts for k in range(16)]
