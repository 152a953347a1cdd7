from types import SimpleNamespace

import pytest

from distill.grpo.diagnostics import TroubleMonitor
from filters.errors import UserError


def told(logs, stop=False):
    troubles = TroubleMonitor("math_answer", ["format"], stop)
    args = SimpleNamespace(learning_rate=5e-4)
    for step, log in enumerate(logs, 1):
        troubles.on_log(args, SimpleNamespace(global_step=step), None, {"reward": 1.0, **log})
    return troubles.found


def accuracy(*values):
    return [{"correct": value} for value in values]


def test_a_policy_that_learns_or_wavers_is_no_trouble():
    assert told(accuracy(*[0.1 * step for step in range(10)])) == []
    assert told(accuracy(*[0.5, 0.3, 0.6, 0.4] * 5)) == []
    assert told([{"reward": 1.0}] * 3) == []


def test_a_collapse_is_said_once_with_its_steps():
    (said,) = told(accuracy(*[0.5] * 6, *[0.4, 0.2, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0]))
    assert said.startswith(
        "collapse: the share that math_answer finds correct fell from 0.50 (steps 1 to 5) to 0.2"
    )
    assert "learning rate (now 0.0005)" in said


def test_what_was_never_right_cannot_collapse():
    assert told(accuracy(*[0.05] * 6, *[0.0] * 10)) == []


@pytest.mark.parametrize(
    ("logs", "kind"),
    [
        ([{"frac_reward_zero_std": 1.0}] * 10, "no_signal"),
        ([{"completions/clipped_ratio": 0.99}] * 5, "truncated"),
        ([{"undecided": 1.0}] * 5, "undecided"),
        ([{"reward format": 0.0}] * 10, "no_format"),
        ([{"grad_norm": float("nan")}], "not_finite"),
        ([{"loss": "inf"}], "not_finite"),
    ],
)
def test_each_trouble_has_a_name(logs, kind):
    (said,) = told(logs)
    assert said.startswith(f"{kind}: ")
    assert told(logs[:-1]) == []


def test_where_it_was_asked_the_first_trouble_stops_the_training():
    with pytest.raises(
        UserError, match=r"Stopped because of stop_on_trouble\. no_signal: in 10 rollouts up to step 10"
    ):
        told([{"frac_reward_zero_std": 1.0}] * 20, stop=True)
